// The upload form: says at once that a file is too large, and that the upload is under way.
(function () {
  "use strict";
  document.querySelectorAll("form[data-busy]").forEach(function (form) {
    var file = form.querySelector("input[type=file]");
    var problem = form.querySelector("[data-problem]");
    var button = form.querySelector("[data-busy-text]");
    var label = button.querySelector("span");
    var usual = label.textContent;

    function fits() {
      var chosen = file.files && file.files[0];
      var large = chosen && chosen.size > Number(file.dataset.limitMb) * 1024 * 1024;
      problem.hidden = !large;
      problem.textContent = large ? file.dataset.tooLarge : "";
      file.setAttribute("aria-invalid", large ? "true" : "false");
      return !large;
    }

    file.addEventListener("change", fits);
    // Before app.js sees the event: a form that was stopped here has not been sent.
    document.addEventListener("submit", function (event) {
      if (event.target !== form) return;
      if (!fits()) { event.preventDefault(); event.stopPropagation(); file.focus(); return; }
      label.textContent = button.dataset.busyText;
    }, true);
    window.addEventListener("pageshow", function () { label.textContent = usual; });
  });
})();
