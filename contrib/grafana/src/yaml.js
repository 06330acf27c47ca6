// SPDX-License-Identifier: MIT
// Objects, lists, texts and numbers as YAML.

/** @param {string} text @param {string} indent */
function scalar(text, indent) {
  if (text.includes("\n"))
    return `|-\n${text.split("\n").map((line) => `${indent}  ${line}`).join("\n")}`;
  return /^[A-Za-z][\w .,;/()%-]*$/.test(text) &&
    !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text) && !text.endsWith(" ")
    ? text : JSON.stringify(text);
}

/** @param {unknown} value @param {string} indent @returns {string} */
function lines(value, indent) {
  if (Array.isArray(value))
    return value.map((item) =>
      `${indent}- ${lines(item, `${indent}  `).trimStart()}`).join("");
  if (typeof value === "object" && value !== null)
    return Object.entries(value).map(([key, item]) =>
      typeof item === "object" && item !== null
        ? `${indent}${key}:\n${lines(item, `${indent}  `)}`
        : `${indent}${key}: ${lines(item, indent).trimStart()}`).join("");
  return `${indent}${typeof value === "string" ? scalar(value, indent)
    : String(value)}\n`;
}

/** @param {unknown} value */
export const yaml = (value) => lines(value, "");
