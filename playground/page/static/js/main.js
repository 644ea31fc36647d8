// Puts the page together.

import { Banner } from "./banner.js";
import { Composer } from "./composer.js";
import { refreshFaults } from "./faults.js";
import { Header } from "./header.js";
import { openLightbox } from "./lightbox.js";
import { Log } from "./log.js";
import { Members } from "./members.js";
import { messageMenu, personMenu } from "./menus.js";
import { Modals } from "./modal.js";
import { Sidebar } from "./sidebar.js";
import { Connection } from "./socket.js";
import { recalled, remember } from "./storage.js";
import { Store } from "./store.js";
import { Text } from "./text.js";
import { setLocale, startTicking } from "./time.js";
import { toast } from "./toast.js";
import { dragsFiles } from "./uploads.js";

const store = new Store();
const connection = new Connection({ onOpen: enter, onPush: (push) => store.take(push), onState: (state) => banner.show(state) });
const banner = new Banner(() => connection.retry());
const ask = (verb, body) => connection.ask(verb, body);

/** Enter as the user of this tab, who stays the same over a reload, and by name in a demo that was started anew. */
async function enter(user = recalled(sessionStorage, "user")) {
  show(await ask("enter", { user, name: recalled(sessionStorage, "name") }));
}

function show(view) {
  setLocale(view.user.locale);
  remember(sessionStorage, "user", view.user.id);
  remember(sessionStorage, "name", view.user.name);
  store.channelId ??= recalled(sessionStorage, "channel");
  store.enter(view);
  remember(sessionStorage, "channel", store.channelId);
}

/** Do something whose failure is told at the edge of the page. */
async function attempt(promise) {
  try {
    return await promise;
  } catch (error) {
    toast(error.message);
    return null;
  }
}

const names = {
  user: (id) => store.userName(id),
  channel: (id) => store.channelName(id),
  command: (name) => composer.begin(name),
  jump,
};

async function jump(channel, message) {
  store.select(channel);
  if (message !== null && !(await log.jump(message))) toast("That message is gone.");
}

async function act(verb, body) {
  const { message, custom_id: custom } = body;
  store.noteClick(message, custom, { state: "sent" });
  try {
    await ask(verb, body);
  } catch (error) {
    store.noteClick(message, custom, { state: "failed", error: error.message });
  }
}

const actions = {
  enter: (user) => attempt(enter(user)),
  locale: async (locale) => {
    const view = await attempt(ask("locale", { locale }));
    if (view) show(view);
  },
  fault: (name, value) => ask("fault", { name, value }),
  nsfw: (channel, nsfw) => ask("channel_nsfw", { channel, nsfw }),
  reply: (message) => composer.replyTo(message),
  remove: (message) => attempt(ask("delete", { message: message.id })),
  copy: (text) => attempt(navigator.clipboard.writeText(text).then(() => toast("Copied."))),
  menu: (command, target) => attempt(ask("menu", { channel: store.channelId, command: command.name, ...target })),
};

const scene = {
  store,
  act,
  jump,
  text: new Text(names),
  open: openLightbox,
  onReply: (message) => composer.replyTo(message),
  onMenu: (message, anchor) => messageMenu(store, actions, message, anchor),
  onDismiss: actions.remove,
};

const sidebar = new Sidebar(store, actions);
new Header(store, actions, sidebar);
new Members(store, (person, anchor) => personMenu(store, actions, person, anchor));
const log = new Log(store, scene, ask);
const composer = new Composer(store, ask);
new Modals(store, ask, names);

document.getElementById("log").addEventListener("contextmenu", (event) => {
  const element = event.target.closest(".message");
  if (element === null || event.target.closest("a, video, audio")) return;
  event.preventDefault();
  const message = store.message(element.dataset.id);
  messageMenu(store, actions, message, { x: event.clientX, y: event.clientY });
});

// a file that is dropped beside its field must not take the place of the page
for (const event of ["dragover", "drop"]) addEventListener(event, (drop) => dragsFiles(drop) && drop.preventDefault());

store.on("channel", async () => {
  const channel = store.channelId;
  remember(sessionStorage, "channel", channel);
  // a channel that is newer than the view
  if (!store.fetched.has(channel)) store.prepend(channel, (await attempt(ask("history", { channel }))) ?? []);
});
store.on("faults", refreshFaults);
store.on("channels", refreshFaults);
store.on("view", () => {
  document.getElementById("notice").textContent = store.view.notice;
});

startTicking();
connection.open();
