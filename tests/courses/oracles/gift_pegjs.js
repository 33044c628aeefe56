// Writes what gift-pegjs 1.0.2 (npm, MIT, Christopher P. Fuhrman) reads in a folder of .gift files.
// Run: npm install gift-pegjs@1.0.2 && node gift_pegjs.js FOLDER > gift_pegjs.json
const fs = require("fs");
const path = require("path");
const { parse } = require("gift-pegjs");

const text = (value) => (value === null || value === undefined ? null : (value.text ?? value));

function range(value) {
  if (value.format) return null;
  if (value.type === "simple") return [value.number, value.number];
  if (value.type === "high-low") return [value.numberLow, value.numberHigh];
  return [value.number - value.range, value.number + value.range];
}

function answers(question) {
  const lone = { text: question.choices, isCorrect: true, weight: null, feedback: null };
  const all = Array.isArray(question.choices) ? question.choices : [lone];
  const read = question.type === "Numerical" ? range : text;
  return all.map((a) => [read(a.text), a.isCorrect, a.weight, text(a.feedback)]);
}

function compact(question) {
  const { type, title, stem, id, tags } = question;
  const result = { type, title, stem: stem.text, general: text(question.globalFeedback), id, tags };
  if (type === "TF") {
    result.answer = question.isTrue;
    result.feedback = [text(question.trueFeedback), text(question.falseFeedback)];
  }
  if (type === "Matching") {
    result.pairs = question.matchPairs.map((pair) => [text(pair.subquestion), pair.subanswer]);
  }
  if (question.choices) result.answers = answers(question);
  return result;
}

const folder = process.argv[2];
const files = fs.readdirSync(folder).filter((name) => name.endsWith(".gift")).sort();
const lines = files.map((name) => {
  const questions = parse(fs.readFileSync(path.join(folder, name), "utf8"));
  const kept = questions.filter((question) => question.type !== "Category").map(compact);
  return `${JSON.stringify(name)}: ${JSON.stringify(kept)}`;
});
console.log(`{\n${lines.join(",\n")}\n}`);
