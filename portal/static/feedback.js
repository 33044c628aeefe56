// Counts characters under a text field; without it the hint above the field is enough.
(function () {
  "use strict";

  document.querySelectorAll("textarea[data-count]").forEach(function (field) {
    var line = document.createElement("span");
    line.className = "count-line";
    field.insertAdjacentElement("afterend", line);
    function show() {
      var n = Array.from(field.value.trim()).length;
      line.textContent = n ? field.dataset.count.replace("{n}", n) : "";
    }
    field.addEventListener("input", show);
    window.setTimeout(show, 0);  // after a draft has been put back
  });
})();
