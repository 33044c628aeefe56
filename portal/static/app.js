// Small comforts; every page works without this file.
(function () {
  "use strict";

  // Close the account menu when the visitor clicks elsewhere or presses Escape.
  document.addEventListener("click", function (event) {
    document.querySelectorAll("details.account[open]").forEach(function (menu) {
      if (!menu.contains(event.target)) menu.removeAttribute("open");
    });
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.account[open]").forEach(function (menu) {
      menu.removeAttribute("open");
      menu.querySelector("summary").focus();
    });
  });

  // Few pages ask the portal again by themselves; only they need the library for it.
  if (document.querySelector("[hx-get], [hx-post]")) {
    var library = document.createElement("script");
    library.src = document.body.dataset.htmx;
    document.head.append(library);
  }

  // Lessons kept for reading offline are one person's: whoever comes next must not find them.
  var person = document.body.dataset.person;
  if ("caches" in window) {
    window.caches.keys().then(function (names) {
      names.forEach(function (name) {
        if (name.indexOf("tongtu-pages-") === 0 && name !== "tongtu-pages-" + person) window.caches.delete(name);
      });
    }).catch(function (error) { window.console.info(error); });
  }
  document.addEventListener("submit", function (event) {
    var text = event.target.dataset.leaving, waiting = "0";
    if (!text) return;
    try { waiting = window.localStorage.getItem("tongtu.waiting") || "0"; } catch (error) { window.console.info(error); }
    if (Number(waiting) && !window.confirm(text.replace("{n}", waiting))) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  });

  // A second tap on a slow network must not send a form twice.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.dataset.sent === "1") { event.preventDefault(); return; }
    form.dataset.sent = "1";
    window.setTimeout(function () { delete form.dataset.sent; }, 8000);
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
  });

  // Drafts are their writer's. Who signs in again finds them; somebody else who signs in here,
  // after a session that only ran out, does not.
  var writer = document.body.dataset.writer;
  try {
    var key = "draft-writer", before = window.localStorage.getItem(key);
    if (writer && before !== writer) {
      if (before) Object.keys(window.localStorage).forEach(function (name) {
        if (name.indexOf("draft:") === 0) window.localStorage.removeItem(name);
      });
      window.localStorage.setItem(key, writer);
    }
  } catch (error) { window.console.info("no drafts here", error); }

  // First what is done with, so that a page which has both the form and the mark starts afresh.
  document.querySelectorAll("[data-draft-done]").forEach(function (mark) {
    try { window.localStorage.removeItem("draft:" + mark.dataset.draftDone); } catch (error) { window.console.info(error); }
  });

  // What was typed survives a lost connection or a closed browser: <form data-draft="name">.
  document.querySelectorAll("form[data-draft]").forEach(function (form) {
    var key = "draft:" + form.dataset.draft;
    var fields = form.querySelectorAll("textarea, input[type=text], select");
    try {
      var saved = JSON.parse(window.localStorage.getItem(key) || "{}");
      fields.forEach(function (field) {
        if (field.value || !saved[field.name]) return;
        field.value = saved[field.name];
        var folded = form.closest("details");
        if (folded) folded.open = true;  // what waits to be sent is seen
      });
      form.addEventListener("input", function () {
        var values = Object.create(null);
        fields.forEach(function (field) { if (field.name) values[field.name] = field.value; });
        window.localStorage.setItem(key, JSON.stringify(values));
      });
    } catch (error) {
      // Private windows forbid storage; the form then simply keeps no draft.
      window.console.info("no drafts here", error);
    }
  });
})();
