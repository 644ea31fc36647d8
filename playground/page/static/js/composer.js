// The message box: text with files, or a command with its options.

import { CommandForm } from "./command.js";
import { matching, slashCommands } from "./commands.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { Suggestions } from "./suggestions.js";
import { MOST, Tray } from "./tray.js";
import { choose, dragsFiles, filesOf, tooLarge, upload, uploadAll } from "./uploads.js";

export class Composer {
  constructor(store, ask) {
    this.store = store;
    this.ask = ask;
    this.form = null;
    this.replying = null;
    this.busy = false;
    this.drafts = new Map();
    this.place = null;
    this.suggestions = new Suggestions();
    this.tray = new Tray(() => this.#ready());
    this.text = h("textarea", { id: "composer-text", class: "composer-text", rows: "1", "aria-autocomplete": "list", "aria-label": "Message" });
    this.attach = h("button", { type: "button", class: "icon-button", "aria-label": "Attach files", title: "Attach files" }, icon("plus"));
    this.sender = h("button", { type: "button", class: "icon-button send", "aria-label": "Send" }, icon("send"));
    this.reply = h("div", { class: "replying", hidden: true });
    this.problem = h("div", { class: "composer-problem", role: "alert", hidden: true });
    this.field = h("div", { class: "composer-field" }, this.text);
    this.box = h("div", { class: "composer-box" }, this.attach, this.field, this.sender);
    this.root = document.getElementById("composer");
    this.root.append(this.suggestions.element, this.problem, this.reply, this.tray.element, this.box);
    this.#listen();
  }

  #listen() {
    this.text.addEventListener("input", () => this.#typed());
    this.text.addEventListener("keydown", (event) => this.#key(event));
    this.text.addEventListener("focus", () => this.#offer());
    this.attach.addEventListener("click", async () => this.#take(await choose({ multiple: true })));
    this.sender.addEventListener("click", () => this.send());
    this.root.addEventListener("focusout", (event) => !this.root.contains(event.relatedTarget) && this.suggestions.hide());
    document.addEventListener("paste", (event) => this.#paste(event));
    document.addEventListener("keydown", (event) => this.#stray(event));
    const chat = document.querySelector(".chat");
    for (const type of ["dragover", "drop"]) chat.addEventListener(type, (event) => this.#drag(event));
    chat.addEventListener("dragleave", (event) => !chat.contains(event.relatedTarget) && chat.classList.remove("dropping"));
    this.store.on("view", ({ sameName }) => this.#entered({ here: sameName, mine: sameName }));
    this.store.on("channel", () => this.#entered({ here: false, mine: true }));
    this.store.on("commands", () => this.#offer());
    this.store.on("begin", (name) => this.begin(name));
  }

  /** What is typed stays when one is still `here`; what is left elsewhere is found there again while it is `mine`. */
  #entered({ here, mine }) {
    const { channel, channelId, view } = this.store;
    if (!mine) this.drafts.clear();
    else if (!here) this.drafts.set(this.place, this.text.value);
    this.place = channelId;
    if (!here) {
      this.leave(this.drafts.get(channelId) ?? "", false);
      this.replyTo(null);
    }
    this.#say("");
    const called = channel?.kind === "dm" ? view.bot.name : (channel?.name ?? "");
    const name = ({ dm: "@", text: "#" }[channel?.kind] ?? "") + called;
    this.text.placeholder = `Message ${name}`;
    this.text.setAttribute("aria-label", `Message ${name}`);
    this.#ready();
  }

  /** Begin to type a command, by its path. */
  begin(path) {
    const command = this.#commands().find((one) => one.path === path);
    if (!command) return this.#say("That command is not offered here.");
    this.text.value = "";
    this.form?.stop();
    this.form = new CommandForm(command, this.store, this.ask, this.suggestions, {
      send: () => this.send(),
      leave: (text) => this.leave(text),
      changed: () => this.#say(""),
    });
    fill(this.field, this.form.element);
    this.box.classList.add("typing-command");
    this.#say("");
    if (this.tray.files.length && this.form.attach(this.tray.files)) this.tray.clear();
    this.form.focus();
    return this.#ready();
  }

  /** Back to plain text. */
  leave(text, focus = true) {
    this.form?.stop();
    this.form = null;
    this.suggestions.hide();
    this.box.classList.remove("typing-command");
    this.text.value = text;
    fill(this.field, this.text);
    this.#grow();
    this.#ready();
    if (focus) {
      this.text.focus();
      this.#offer();
    }
  }

  replyTo(message) {
    this.replying = message;
    this.reply.hidden = message === null;
    if (message === null) return;
    const cancel = h("button", { type: "button", class: "icon-button", "aria-label": "Do not reply" }, icon("close"));
    cancel.addEventListener("click", () => {
      this.replyTo(null);
      this.text.focus();
    });
    fill(this.reply, h("span", {}, "Replying to ", h("strong", {}, message.author.name)), cancel);
    if (this.form) this.leave("");
    this.text.focus();
  }

  async send() {
    if (this.busy) return;
    const values = this.form?.collect();
    if (this.form && values === null) return;
    if (!this.form && !this.text.value.trim() && this.tray.files.length === 0) return;
    this.busy = true;
    this.box.classList.add("busy");
    this.#say("");
    try {
      await (this.form ? this.#sendCommand(values) : this.#sendText());
      this.store.tell("sent");
    } catch (error) {
      this.#say(error.message);
    } finally {
      this.busy = false;
      this.box.classList.remove("busy");
    }
  }

  async #sendText() {
    const large = this.tray.files.map((file) => tooLarge(file, this.store.view.limits.file)).find(Boolean);
    if (large) throw new Error(large);
    const most = this.store.view.limits.content;
    const body = { channel: this.store.channelId, content: this.text.value.trim() };
    const excess = [...body.content].length - most;
    if (excess > 0) throw new Error(`A message may have ${most} characters; these are ${excess} too many.`);
    body.files = await uploadAll(this.tray.files);
    if (this.replying) body.reply_to = this.replying.id;
    await this.ask("say", body);
    this.tray.clear();
    this.replyTo(null);
    this.leave("");
  }

  async #sendCommand(values) {
    const { command } = this.form;
    const channel = this.store.channelId;
    const options = {};
    for (const [name, value] of Object.entries(values)) options[name] = value instanceof File ? await upload(value) : value;
    await this.ask("slash", { channel, command: command.path, options });
    this.leave("");
  }

  #say(words) {
    this.problem.textContent = words;
    this.problem.hidden = !words;
  }

  #ready() {
    this.sender.disabled = !this.form && !this.text.value.trim() && this.tray.files.length === 0;
  }

  // Typing

  #commands() {
    return slashCommands(this.store.commands, this.store.user.locale);
  }

  #typed() {
    this.#grow();
    this.#ready();
    this.#say("");
    const named = /^\/(.+) $/.exec(this.text.value)?.[1];
    const command = named && this.#commands().find((one) => one.shown === named || one.path === named);
    if (command) this.begin(command.path);
    else this.#offer();
  }

  #offer() {
    if (this.form || document.activeElement !== this.text) return;
    const typed = /^\/([^\n]*)$/.exec(this.text.value)?.[1];
    if (typed === undefined) return this.suggestions.hide();
    const { bot } = this.store.view;
    const found = matching(this.#commands(), typed);
    const away = bot.online ? "" : `${bot.name} is offline; it will not answer.`;
    return this.suggestions.show({
      field: this.text,
      head: h("div", { class: "hint" }, h("strong", {}, bot.name), h("span", { class: "hint-about" }, away || "Commands")),
      items: found.map((command) => ({ label: `/${command.shown}`, about: command.about, value: command.path })),
      note: found.length ? "" : "No command fits; what you type is a message.",
      pick: ({ value }) => this.begin(value),
      label: "Commands",
    });
  }

  #key(event) {
    if (event.isComposing || this.suggestions.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.send();
    } else if (event.key === "Escape" && !this.suggestions.element.hidden) this.suggestions.hide();
    else if (event.key === "Escape" && this.replying) this.replyTo(null);
    else if (event.key === "ArrowUp" && this.text.value === "") {
      event.preventDefault();
      document.querySelector(".message[tabindex='0']")?.focus();
    }
  }

  /** What is typed where typing means nothing is meant for the message box. */
  #stray(event) {
    const command = event.ctrlKey || event.metaKey || event.altKey;
    if (command || event.defaultPrevented || event.key === " " || [...event.key].length !== 1) return;
    if (event.target.closest("input, textarea, select, audio, video, #layers") || document.querySelector("dialog[open]")) return;
    (this.form ?? this.text).focus();
  }

  #grow() {
    this.text.style.setProperty("height", "auto");
    this.text.style.setProperty("height", `${Math.min(this.text.scrollHeight, 220)}px`);
  }

  // Files

  #take(files) {
    if (files.length === 0) return;
    if (this.form) {
      if (!this.form.attach(files)) this.#say(`/${this.form.command.shown} takes no file.`);
      return;
    }
    this.#say(this.tray.add(files) ? "" : `A message has at most ${MOST} files; the others were left out.`);
    this.text.focus();
  }

  #paste(event) {
    const files = filesOf(event.clipboardData);
    if (files.length === 0 || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    this.#take(files);
  }

  #drag(event) {
    if (!dragsFiles(event)) return;
    event.preventDefault();
    const chat = event.currentTarget;
    chat.classList.toggle("dropping", event.type === "dragover");
    if (event.type === "drop") this.#take(filesOf(event.dataTransfer));
  }
}
