// extension.js - starts `cep lsp` for files of rules.
const { workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

exports.activate = () => {
  const command = workspace.getConfiguration("cep").get("command", "cep");
  client = new LanguageClient("cep", "cep", { command, args: ["lsp"] }, { documentSelector: [{ language: "cep" }] });
  return client.start();
};

exports.deactivate = () => client && client.stop();
