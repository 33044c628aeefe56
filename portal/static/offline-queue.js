// What was answered or read without a network, kept in this browser until the portal has it.
// Shared by the pages of the courses and by their service worker (learning/worker.js).
(function (root) {
  "use strict";
  var STORE = "sendings";
  var channel = "BroadcastChannel" in root ? new BroadcastChannel("tongtu-offline") : null;

  function opened() {
    return new Promise(function (resolve, reject) {
      var asked = indexedDB.open("tongtu-offline", 1);
      asked.onupgradeneeded = function () { asked.result.createObjectStore(STORE, { keyPath: "id" }); };
      asked.onsuccess = function () { resolve(asked.result); };
      asked.onerror = function () { reject(asked.error); };
    });
  }

  function within(mode, work) {
    return opened().then(function (base) {
      return new Promise(function (resolve, reject) {
        var transaction = base.transaction(STORE, mode);
        var asked = work(transaction.objectStore(STORE));
        transaction.oncomplete = function () { base.close(); resolve(asked && asked.result); };
        transaction.onerror = transaction.onabort = function () { base.close(); reject(transaction.error); };
      });
    });
  }

  function kept(person) {
    return within("readonly", function (store) { return store.getAll(); }).then(function (all) {
      return all.filter(function (each) { return each.person === person; })
        .sort(function (a, b) { return a.at - b.at; });
    });
  }

  function unused() {
    var bytes = root.crypto.getRandomValues(new Uint8Array(16));
    return "off-" + Array.from(bytes, function (b) { return b.toString(16).padStart(2, "0"); }).join("");
  }

  // `fields` are pairs of name and value as the form has them. The keys are made here: a page
  // that was kept gives each attempt the same ones, and the portal counts a key once.
  function add(person, action, fields) {
    var id = unused();
    var own = fields.filter(function (pair) {
      return ["key", "idempotency_key", "csrf_token"].indexOf(pair[0]) < 0;
    });
    if (fields.some(function (pair) { return pair[0] === "key"; })) own.push(["key", id]);
    own.push(["idempotency_key", id]);
    var entry = { id: id, person: person, action: action, fields: own, at: Date.now(), state: "waiting" };
    return within("readwrite", function (store) { return store.put(entry); }).then(function () {
      tell({ added: 1 });
      return entry;
    });
  }

  function tell(news) { if (channel) channel.postMessage(news); }

  // Who is signed in, and the proof for their forms: both may be new since the page was kept.
  function asked() {
    return fetch("/courses/offline.json", { credentials: "same-origin", cache: "no-store" })
      .then(function (answer) {
        if (!answer.ok) throw new Error("offline.json: " + answer.status);
        return answer.json();
      });
  }

  function sent(entry, token) {
    var body = new URLSearchParams(entry.fields);
    body.append("csrf_token", token);
    return fetch(entry.action, { method: "POST", body: body, credentials: "same-origin" })
      .then(function (answer) {
        var here = new URL(answer.url).pathname.indexOf("/courses/") === 0;
        if (answer.ok && here) return "done";
        if (answer.status === 401 || (answer.ok && !here)) return "sign-in";
        // Too many, or the portal is busy: later. Anything else will not get better by itself.
        return answer.status === 429 || answer.status >= 500 ? "later" : "refused";
      });
  }

  function settled(entry, outcome) {
    if (outcome === "done") return within("readwrite", function (store) { return store.delete(entry.id); });
    entry.state = "refused";
    return within("readwrite", function (store) { return store.put(entry); });
  }

  function inTurn(work) {
    // Two tabs and the worker may want to send at once; one at a time is enough.
    return root.navigator.locks ? root.navigator.locks.request("tongtu-offline", work) : work();
  }

  // Sends what waits, oldest first; gives {sent, signIn}. Fails when there is no network.
  function flush() {
    return inTurn(function () {
      return asked().then(function (who) {
        if (!who.person) return { sent: 0, signIn: true };
        return kept(who.person).then(function (entries) {
          var waiting = entries.filter(function (each) { return each.state === "waiting"; });
          var result = { sent: 0, signIn: false };
          return waiting.reduce(function (before, entry) {
            return before.then(function (goes) {
              if (!goes) return false;
              return sent(entry, who.token).then(function (outcome) {
                if (outcome === "later") return false;
                if (outcome === "sign-in") { result.signIn = true; return false; }
                if (outcome === "done") result.sent += 1;
                return settled(entry, outcome).then(function () { return true; });
              });
            });
          }, Promise.resolve(true)).then(function () {
            if (waiting.length) tell(result);
            return result;
          });
        });
      });
    });
  }

  root.TongtuQueue = { add: add, kept: kept, flush: flush, asked: asked, channel: channel };
})(self);
