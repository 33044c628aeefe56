// Reload when a file changes; go on, back, to the other language and to remarks by keyboard.
(function () {
  "use strict";

  var body = document.body;
  var source = new EventSource("/changes?since=" + encodeURIComponent(body.dataset.stamp));
  var failures = 0;
  var opened = false;

  source.addEventListener("changed", function () {
    source.close();
    location.reload();
  });
  source.addEventListener("open", function () {
    opened = true;
    failures = 0;
    stopped(false);
  });
  source.addEventListener("error", function () {
    failures += 1;
    // One break is a restart; after a few, or when the browser gives up, the command has ended.
    // It has ended as well when nobody answers a page that has just been loaded.
    if (!opened || failures > 3 || source.readyState === EventSource.CLOSED) stopped(true);
  });

  function stopped(is) {
    var note = document.querySelector(".preview-stopped");
    note.hidden = !is;
    note.textContent = is ? body.dataset.stopped : "";
  }

  function follow(selector) {
    var link = document.querySelector(selector);
    if (link) location.href = link.href;
  }

  function nextRemark() {
    var lines = Array.prototype.slice.call(document.querySelectorAll(".line-error, .line-warning"));
    if (!lines.length) return;
    var at = lines.findIndex(function (line) { return "#" + line.id === location.hash; });
    location.hash = lines[(at + 1) % lines.length].id;
  }

  var keys = {
    ArrowLeft: function () { follow('link[rel="prev"], a[rel="prev"]'); },
    ArrowRight: function () { follow('link[rel="next"], a[rel="next"]'); },
    l: function () { follow('[data-key="l"]'); },
    r: nextRemark
  };

  document.addEventListener("keydown", function (event) {
    var typing = /^(INPUT|TEXTAREA|SELECT|VIDEO)$/.test(event.target.tagName);
    if (typing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    var act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  });
})();
