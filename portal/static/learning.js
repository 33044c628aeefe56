// Comforts of a lesson: where the film was left, keys, and going on without a network.
// Every page works without this file.
(function () {
  "use strict";
  var person = document.body.dataset.person || "";
  var lesson = document.querySelector("[data-lesson]");

  // The film: its speed and the place where it was left, on this device and, sent, on the others.
  function clock(s) { return Math.floor(s / 60) + ":" + String(Math.floor(s % 60)).padStart(2, "0"); }
  function stored(name) { try { return window.localStorage.getItem(name); } catch (error) { return null; } }
  function store(name, value) { try { window.localStorage.setItem(name, value); } catch (error) { window.console.info(error); } }

  document.querySelectorAll("[data-film]").forEach(function (box) {
    var film = box.querySelector("video");
    var name = "film:" + person + ":" + box.dataset.film;
    var local = JSON.parse(stored(name) || "null");
    var start = local && !local.sent ? local.at : Number(box.dataset.watched) || (local ? local.at : 0);
    var again = box.querySelector("[data-restart]");
    var speed = box.querySelector("[data-speed]");
    var saved = -1;

    speed.hidden = false;
    speed.querySelector("select").value = stored("film-speed") || "1";
    speed.addEventListener("change", function () {
      film.playbackRate = film.defaultPlaybackRate = Number(speed.querySelector("select").value);
      store("film-speed", speed.querySelector("select").value);
    });
    film.defaultPlaybackRate = Number(speed.querySelector("select").value) || 1;

    function goOn() {
      // The browser decides by its own settings when it knows the film; captions are for all.
      window.setTimeout(function () {
        var track = film.querySelector("track[default]");
        if (track) track.track.mode = "showing";
      }, 0);
      film.playbackRate = film.defaultPlaybackRate;
      if (start < 5 || start > film.duration - 5) return;
      film.currentTime = start;
      var told = box.querySelector("[data-resumed]");
      told.textContent = told.dataset.resumed.replace("{at}", clock(start));
      again.hidden = false;
    }
    if (film.readyState > 0) goOn(); else film.addEventListener("loadedmetadata", goOn, { once: true });
    again.addEventListener("click", function () { film.currentTime = 0; again.hidden = true; film.play(); });

    function send(at, token) {
      var body = new URLSearchParams({ seconds: String(at), csrf_token: token });
      return fetch(box.dataset.post, { method: "POST", body: body, credentials: "same-origin", keepalive: true });
    }
    function save() {
      var at = film.ended ? Math.ceil(film.duration) : Math.floor(film.currentTime);
      if (at === saved) return;
      saved = at;
      store(name, JSON.stringify({ at: at, sent: false }));
      pass(at);
    }
    function pass(at) {
      if (!box.dataset.post) return;
      send(at, box.dataset.token).then(function (answer) {
        if (answer.status !== 400) return answer;
        return self.TongtuQueue.asked().then(function (who) { return send(at, who.token); });
      }).then(function (answer) {
        if (answer.ok) store(name, JSON.stringify({ at: at, sent: true }));
      }).catch(function () { saved = -1; });  // no network: it stays here and is sent later
    }
    ["pause", "ended"].forEach(function (name) { film.addEventListener(name, save); });
    film.addEventListener("timeupdate", function () { if (Math.abs(film.currentTime - saved) > 15) save(); });
    document.addEventListener("visibilitychange", function () { if (document.hidden && film.played.length) save(); });
    window.addEventListener("pagehide", function () { if (film.played.length) save(); });
    function passWhatWaits() {
      var kept = JSON.parse(stored(name) || "null");
      if (kept && !kept.sent) pass(kept.at);
    }
    window.addEventListener("online", passWhatWaits);
    passWhatWaits();
  });

  // Keys: the lesson before and after, unless somebody is typing or steering something.
  document.addEventListener("keydown", function (event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
    if (event.target.closest("input, textarea, select, video, summary, [contenteditable], .table-scroll")) return;
    var way = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
    var link = way && document.querySelector(".lesson-ways a[rel=" + way + "]");
    if (link) link.click();
  });

  // Only a table that is too wide needs to be reached by keyboard.
  document.querySelectorAll(".table-scroll").forEach(function (box) {
    if (box.scrollWidth <= box.clientWidth) box.removeAttribute("tabindex");
  });

  // Without a network
  var line = document.getElementById("offline");
  var queue = self.TongtuQueue;
  if (!line || !queue || !person || !window.indexedDB) return;
  var signIn = false;
  var justSent = 0;

  function say(kind, n) {
    line.hidden = !kind;
    if (!kind) return;
    line.className = "note offline-line note-" + (kind === "sent" ? "good" : "warn");
    line.querySelector("[data-text]").textContent = line.dataset[kind].replace("{n}", n);
    line.querySelector("[data-see]").hidden = kind !== "sent";
    line.querySelector("[data-door]").hidden = kind !== "signIn";
  }

  function show() {
    return queue.kept(person).then(function (entries) {
      var waiting = entries.filter(function (each) { return each.state === "waiting"; });
      var refused = entries.length - waiting.length;
      store("tongtu.waiting", String(waiting.length));
      document.querySelectorAll("form[data-later]").forEach(function (form) {
        var path = new URL(form.action).pathname;
        var held = waiting.some(function (each) { return each.action === path; });
        form.querySelectorAll("[type=submit]").forEach(function (button) { button.disabled = held; });
      });
      if (waiting.length && signIn) say("signIn", waiting.length);
      else if (waiting.length) say("waiting", waiting.length);
      else if (justSent) say("sent", justSent);
      else if (refused) say("refused", refused);
      else if (!navigator.onLine) say("offline", 0);
      else say("", 0);
    });
  }

  function flush() {
    return queue.kept(person).then(function (entries) {
      if (!entries.some(function (each) { return each.state === "waiting"; })) return show();
      if (navigator.onLine) say("sending", entries.length);
      return queue.flush().then(function (result) {
        signIn = result.signIn;
        justSent += result.sent;
      }).catch(function () { /* still no network: they wait on */ }).then(show);
    });
  }

  if (queue.channel) queue.channel.addEventListener("message", function (event) {
    justSent += event.data.sent || 0;
    signIn = Boolean(event.data.signIn);
    show();
  });
  window.addEventListener("online", flush);
  window.addEventListener("offline", show);

  function missing(form) {
    return Array.from(form.querySelectorAll(".question")).filter(function (question) {
      var boxes = question.querySelectorAll("input[type=radio], input[type=checkbox]");
      var typed = question.querySelectorAll("select, input[type=text]");
      return (boxes.length && !question.querySelector(":checked")) ||
        Array.from(typed).some(function (field) { return !field.value.trim(); });
    });
  }

  // With the worker in charge it keeps what was sent into the void; without it this page does.
  document.querySelectorAll("form[data-later]").forEach(function (form) {
    form.addEventListener("submit", function (event) {
      if (navigator.onLine) return;
      event.preventDefault();
      delete form.dataset.sent;
      var open = missing(form);
      if (open.length) {
        say("incomplete", open.length);
        open[0].querySelector("input, select, textarea").focus();
        return;
      }
      queue.add(person, new URL(form.action).pathname, Array.from(new FormData(form).entries()))
        .then(show).then(function () { line.scrollIntoView({ block: "center" }); });
    });
  });

  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.register("/courses/worker.js", { scope: "/courses" }).then(function () {
      return navigator.serviceWorker.ready;
    }).then(function (registration) {
      var saving = navigator.connection && navigator.connection.saveData;
      if (lesson && lesson.dataset.keep && !saving && navigator.onLine) {
        registration.active.postMessage({ keep: lesson.dataset.keep.split(" "), person: person });
      }
    }).catch(function (error) { window.console.info("no offline lessons here", error); });
  }
  flush();
})();
