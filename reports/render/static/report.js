/* Replaces a drawn chart by its interactive twin of the same size when it comes near the
   screen. Whatever goes wrong, the drawing stays: the page is complete without this file. */
(function () {
  "use strict";
  var own = document.currentScript;
  var source = document.getElementById("report-data");
  if (!own || !source || !("IntersectionObserver" in window) || !window.Promise) return;
  var data = JSON.parse(source.textContent);
  var library = null;

  function load(address) {
    return new Promise(function (resolve, reject) {
      var script = document.createElement("script");
      script.src = address;
      script.onload = resolve;
      script.onerror = function () { reject(new Error("not loaded: " + address)); };
      document.head.appendChild(script);
    });
  }

  /* The library is half a megabyte: a reader who never scrolls to a chart never loads it. */
  function plotly() {
    if (!library) {
      library = load(own.dataset.plotly);
      if (data.language === "zh-CN") {
        library = library.then(function () { return load(own.dataset.locale); });
      }
    }
    return library;
  }

  /* Keeps as many month labels as fit, counted from the latest one. */
  function thin(axis, room, font) {
    if (axis.type !== "category" || !axis.ticktext.length) return;
    var pen = document.createElement("canvas").getContext("2d");
    pen.font = font.size + "px " + font.family;
    var widest = Math.max.apply(null, axis.ticktext.map(function (text) {
      return pen.measureText(text).width + 10;
    }));
    var step = Math.max(1, Math.ceil(widest * axis.ticktext.length / room));
    var last = axis.ticktext.length - 1;
    function kept(_, index) { return (last - index) % step === 0; }
    axis.tickvals = axis.tickvals.filter(kept);
    axis.ticktext = axis.ticktext.filter(kept);
  }

  function draw(plot, figure) {
    var box = plot.getBoundingClientRect();
    var layout = JSON.parse(JSON.stringify(figure.layout));
    layout.width = box.width;
    layout.height = box.height;
    thin(layout.xaxis, box.width - layout.margin.l - layout.margin.r, layout.font);
    var stage = document.createElement("div");
    plot.appendChild(stage);
    var config = {
      locale: data.language,
      displaylogo: false,
      displayModeBar: window.matchMedia("(hover: hover)").matches ? "hover" : false,
      modeBarButtons: [["toImage"]],
      toImageButtonOptions: { filename: layout.meta.title, scale: 2 }
    };
    /* The drawing goes first, so that both never push the page down together. */
    plot.classList.add("live");
    return window.Plotly.newPlot(stage, figure.data, layout, config).catch(function (problem) {
      plot.classList.remove("live");
      stage.remove();
      throw problem;
    });
  }

  function clear(plot) {
    var stage = plot.querySelector("div");
    if (!stage) return;
    window.Plotly.purge(stage);
    stage.remove();
    plot.classList.remove("live");
  }

  function show(chart) {
    var plot = chart.querySelector(".plot");
    return plotly()
      .then(function () { return draw(plot, data.figures[chart.dataset.chart]); })
      .catch(function (problem) { console.warn("chart stays a drawing:", problem.message); });
  }

  var charts = document.querySelectorAll("[data-chart]");
  var watcher = new IntersectionObserver(function (entries) {
    entries.forEach(function (entry) {
      if (!entry.isIntersecting) return;
      watcher.unobserve(entry.target);
      show(entry.target);
    });
  }, { rootMargin: "200px" });
  charts.forEach(function (chart) { watcher.observe(chart); });

  /* A turned phone has another width: the drawing sets the new size, then the chart follows. */
  var width = window.innerWidth;
  var pending = 0;
  window.addEventListener("resize", function () {
    if (window.innerWidth === width) return;
    width = window.innerWidth;
    clearTimeout(pending);
    pending = setTimeout(function () {
      charts.forEach(function (chart) {
        var plot = chart.querySelector(".plot");
        if (!plot.classList.contains("live")) return;
        clear(plot);
        show(chart);
      });
    }, 200);
  });
})();
