// The picture of an action item: made small before it is sent, so that it also goes out on a slow
// network. Without this file the server makes it small.
(function () {
  "use strict";
  var LONGEST = 1600;

  function shrink(input) {
    var file = input.files && input.files[0];
    if (!file || !window.createImageBitmap || !window.DataTransfer) return Promise.resolve();
    return window.createImageBitmap(file, { imageOrientation: "from-image" }).then(function (picture) {
      var scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
      var canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      return new Promise(function (done) { canvas.toBlob(done, "image/jpeg", 0.85); });
    }).then(function (small) {
      if (!small || small.size >= file.size) return;
      var list = new window.DataTransfer();
      list.items.add(new window.File([small], "picture.jpg", { type: "image/jpeg" }));
      input.files = list.files;
    }).catch(function (error) {
      // The server looks at the file as it is, and says what is wrong with it.
      window.console.info("not made small here", error);
    });
  }

  document.querySelectorAll("form[data-shrink]").forEach(function (form) {
    var input = form.querySelector("input[type=file]");
    var problem = form.querySelector("[data-problem]");
    var sending = form.querySelector("[data-sending]");
    var label = form.querySelector("[data-busy-text] span");
    var busy = form.querySelector("[data-busy-text]").dataset.busyText;
    var usual = label.textContent;
    var shrinking = Promise.resolve();

    input.addEventListener("change", function () { shrinking = shrink(input); });
    // Before app.js sees the event: a form that was stopped here has not been sent.
    document.addEventListener("submit", function (event) {
      if (event.target !== form) return;
      if (form.dataset.ready !== "1") {
        event.preventDefault();
        event.stopPropagation();
        problem.hidden = window.navigator.onLine !== false;
        problem.textContent = problem.hidden ? "" : form.dataset.offline;
        if (!problem.hidden) return;
        // Not within this very event: a form that is being submitted cannot be submitted.
        shrinking.then(function () {
          window.setTimeout(function () { form.dataset.ready = "1"; form.requestSubmit(); });
        });
        return;
      }
      label.textContent = busy;
      sending.hidden = false;
    }, true);
    window.addEventListener("pageshow", function () {
      delete form.dataset.ready;
      label.textContent = usual;
      sending.hidden = true;
    });
  });
})();
