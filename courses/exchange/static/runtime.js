// One lesson's talk with a SCORM 1.2 learning system: status, score, time, and what was right.
// Works without one too: the quiz then only answers the reader.
(function () {
  "use strict";

  var started = Date.now();
  var page = JSON.parse(document.getElementById("lesson-data").textContent);
  var api = findApi();
  var state = { right: [], read: false };
  var over = false;

  function findApi() {
    var places = [window];
    if (window.opener) places.push(window.opener);
    for (var i = 0; i < places.length; i += 1) {
      var place = places[i];
      for (var steps = 0; place && steps < 50; steps += 1) {
        try {
          if (place.API) return place.API;
        } catch (refused) {
          break; // a frame of another site
        }
        if (place.parent === place) break;
        place = place.parent;
      }
    }
    return null;
  }

  function get(name) {
    return api ? String(api.LMSGetValue(name) || "") : "";
  }

  function set(name, value) {
    if (api) api.LMSSetValue(name, String(value));
  }

  function elapsed() {
    var seconds = Math.max(0, Date.now() - started) / 1000;
    function two(number) { return ("0" + number).slice(-2); }
    var hours = ("000" + Math.floor(seconds / 3600)).slice(-4);
    var rest = (seconds % 60).toFixed(2);
    return hours + ":" + two(Math.floor(seconds / 60) % 60) + ":" + (rest < 10 ? "0" + rest : rest);
  }

  function done(status) {
    return status === "passed" || status === "completed";
  }

  function report() {
    var scored = page.questions.length;
    var passed = state.right.length >= page.needed && (state.read || scored > 0);
    if (scored) {
      set("cmi.core.score.min", 0);
      set("cmi.core.score.max", 100);
      // The share of what passes, so that passing is full: a system compares it with masteryscore.
      set("cmi.core.score.raw", Math.min(100, Math.round(100 * state.right.length / page.needed)));
    }
    // What was passed once stays so.
    if (!done(get("cmi.core.lesson_status"))) {
      set("cmi.core.lesson_status", passed ? (scored ? "passed" : "completed") : "incomplete");
    }
    set("cmi.suspend_data", JSON.stringify(state));
    set("cmi.core.exit", passed ? "" : "suspend");
    if (api) api.LMSCommit("");
  }

  function finish() {
    if (over || !api) return;
    over = true;
    set("cmi.core.session_time", elapsed());
    api.LMSCommit("");
    api.LMSFinish("");
  }

  function number(text) {
    var plain = text.normalize("NFKC").trim().replace(/%$/, "").trim().replace("\u2212", "-");
    if (/^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$/.test(plain)) plain = plain.replace(/,/g, "");
    return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(plain) ? Number(plain) : null;
  }

  function folded(text) {
    return text.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean).join(" ")
      .replace(/[。.!?]+$/, "");
  }

  function matches(pattern, given) {
    var parts = pattern.split("*").map(folded).map(function (part) {
      return part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    });
    return new RegExp("^" + parts.join("[^]*") + "$").test(given);
  }

  function best(answers) {
    return answers.reduce(function (kept, answer) {
      return !kept || answer.weight > kept.weight ? answer : kept;
    }, null);
  }

  // What an answer earns, in basis points, and what is said of it; null when nothing was given.
  var graders = {
    single: function (question, form) {
      var chosen = form.querySelector("input:checked");
      if (!chosen) return null;
      var option = question.options[Number(chosen.value)];
      return { score: option.weight, feedback: [option.feedback] };
    },
    multiple: function (question, form) {
      var chosen = Array.prototype.map.call(form.querySelectorAll("input:checked"), function (box) {
        return Number(box.value);
      });
      if (!chosen.length) return null;
      var score = 0;
      var exact = question.options.every(function (option, at) {
        return (option.weight > 0) === (chosen.indexOf(at) >= 0);
      });
      chosen.forEach(function (at) { score += question.options[at].weight; });
      return {
        score: exact ? 10000 : Math.min(score, 9999),
        feedback: chosen.map(function (at) { return question.options[at].feedback; })
      };
    },
    true_false: function (question, form) {
      var chosen = form.querySelector("input:checked");
      if (!chosen) return null;
      var right = (chosen.value === "true") === question.answer;
      return { score: right ? 10000 : 0, feedback: [right ? question.right : question.wrong] };
    },
    numeric: function (question, form) {
      var given = number(form.querySelector("input").value);
      if (given === null) return null;
      return told(question.answers.filter(function (answer) {
        return answer.low === null || (Number(answer.low) <= given && given <= Number(answer.high));
      }));
    },
    short_answer: function (question, form) {
      var given = folded(form.querySelector("input").value);
      if (!given) return null;
      return told(question.answers.filter(function (answer) {
        return answer.texts.some(function (text) { return matches(text, given); });
      }));
    },
    matching: function (question, form) {
      var fields = form.querySelectorAll("select");
      var hits = 0;
      var answered = false;
      Array.prototype.forEach.call(fields, function (field) {
        answered = answered || field.value !== "";
        if (field.value === question.rights[Number(field.name)]) hits += 1;
      });
      return answered ? { score: Math.floor(10000 * hits / fields.length), feedback: [] } : null;
    }
  };

  function told(answers) {
    var found = best(answers);
    return found ? { score: found.weight, feedback: [found.feedback] } : { score: 0, feedback: [] };
  }

  function block(html) {
    // Sanitised when the package was made, like the lesson's own text.
    var box = document.createElement("div");
    box.innerHTML = html;
    return box;
  }

  function show(form, question, outcome) {
    var place = form.querySelector("[data-outcome]");
    place.textContent = "";
    var verdict = document.createElement("p");
    var right = outcome && outcome.score >= 10000;
    var word = !outcome ? "unanswered" : right ? "right" : outcome.score > 0 ? "partly" : "wrong";
    verdict.textContent = page.words[word];
    verdict.className = "verdict verdict-" + word;
    place.appendChild(verdict);
    if (!outcome) return;
    outcome.feedback.filter(Boolean).forEach(function (text) { place.appendChild(block(text)); });
    if (question.explanation) place.appendChild(block(question.explanation));
  }

  function standing() {
    var place = document.querySelector("[data-standing]");
    if (!place) return;
    var passed = state.right.length >= page.needed && (page.questions.length > 0 || state.read);
    place.textContent = passed ? page.words.passed
      : page.words.standing.replace("{right}", state.right.length).replace("{needed}", page.needed);
  }

  page.questions.forEach(function (question) {
    var form = document.getElementById("question-" + question.key);
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      var outcome = graders[question.kind](question, form);
      if (outcome && outcome.score >= 10000 && state.right.indexOf(question.key) < 0) {
        state.right.push(question.key);
      }
      show(form, question, outcome);
      standing();
      report();
    });
  });

  var read = document.querySelector("[data-read]");
  if (read) {
    read.addEventListener("click", function () {
      state.read = true;
      read.disabled = true;
      standing();
      report();
    });
  }

  if (api) {
    api.LMSInitialize("");
    try {
      var kept = JSON.parse(get("cmi.suspend_data") || "{}");
      var keys = page.questions.map(function (question) { return question.key; });
      state.right = (kept.right || []).filter(function (key) { return keys.indexOf(key) >= 0; });
      state.read = kept.read === true;
    } catch (broken) {
      state.right = []; // the system cut it short: the learner answers again
    }
    if (!done(get("cmi.core.lesson_status"))) set("cmi.core.lesson_status", "incomplete");
    api.LMSCommit("");
  }
  standing();
  // Phones fire pagehide where they never fire unload.
  window.addEventListener("pagehide", finish);
  window.addEventListener("beforeunload", finish);
})();
