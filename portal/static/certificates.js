// Checks a badge's signature on the visitor's own device: the file is read here and sent nowhere.
(function () {
  "use strict";

  // A signature of our keys has 342 characters: in a PNG, what comes right after it may look like more.
  var TOKEN = /eyJ[A-Za-z0-9_-]+\.eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{342}/;
  var RSA = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

  function bytes(text) {
    var plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, function (char) { return char.charCodeAt(0); });
  }

  function json(part) {
    return JSON.parse(new TextDecoder().decode(bytes(part)));
  }

  function verified(token, keys) {
    var parts = token.split(".");
    var header = json(parts[0]);
    var named = keys.filter(function (key) { return String(header.kid).endsWith("/" + key.kid); })[0];
    if (!named || header.alg !== "RS256") { return Promise.resolve(false); }
    return crypto.subtle.importKey("jwk", named, RSA, false, ["verify"]).then(function (key) {
      return crypto.subtle.verify(RSA, key, bytes(parts[2]), new TextEncoder().encode(parts[0] + "." + parts[1]));
    });
  }

  function check(box, file) {
    var verdict = box.querySelector("[data-verdict]");
    function say(tone, words) {
      verdict.className = "badge-verdict " + tone;
      verdict.textContent = words;
    }
    say("", "…");
    return file.arrayBuffer().then(function (content) {
      var found = new TextDecoder("latin1").decode(content).match(TOKEN);
      if (!found) { say("bad", box.dataset.none); return undefined; }
      return fetch(box.dataset.keys).then(function (answer) { return answer.json(); }).then(function (set) {
        return verified(found[0], set.keys).then(function (right) {
          if (!right) { say("bad", box.dataset.wrong); return; }
          var id = json(found[0].split(".")[1]).id;
          if (id === box.dataset.certificate) { say("good", box.dataset.right); } else { say("bad", box.dataset.other + " " + id); }
        }, function () { say("bad", box.dataset.wrong); });
      }, function () { say("bad", box.dataset.failed); });
    });
  }

  var box = document.querySelector("[data-badge-check]");
  if (box && window.crypto && crypto.subtle) { // only where the page came over a safe connection
    box.hidden = false;
    box.querySelector("input").addEventListener("change", function (event) {
      if (event.target.files[0]) { check(box, event.target.files[0]); }
    });
  }
})();
