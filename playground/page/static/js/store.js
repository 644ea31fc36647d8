// What the page knows: the view of the entered user, kept up to date by pushes. Whoever shows it listens.

/** Messages that the server gives at a time, and those of a channel that are kept while one reads the newest. */
const PAGE = 100;
const KEPT = 200;

/** Snowflakes in the order of time. */
function compareIds(one, other) {
  return one.length - other.length || (one < other ? -1 : one > other ? 1 : 0);
}

export class Store {
  constructor() {
    this.view = null;
    this.channelId = null;
    this.messages = new Map();
    this.whole = new Set();
    this.fetched = new Set();
    this.unread = new Map();
    this.tries = new Map();
    this.clicks = new Map();
    this.states = new Map();
    this.listeners = new Map();
  }

  /** Hear of an event: `view`, `channel`, `message`, `gone`, `older`, `tries`, `click`, `modal`, `modal_gone`, `bot`, … */
  on(event, listener) {
    if (!this.listeners.has(event)) this.listeners.set(event, []);
    this.listeners.get(event).push(listener);
  }

  tell(event, detail) {
    for (const listener of this.listeners.get(event) ?? []) listener(detail);
  }

  // What is asked of it

  get user() {
    return this.view.user;
  }

  get channel() {
    return this.view?.channels.find((channel) => channel.id === this.channelId) ?? null;
  }

  get commands() {
    return this.view?.commands[this.channelId] ?? [];
  }

  list(channelId = this.channelId) {
    return this.messages.get(channelId) ?? [];
  }

  message(id) {
    for (const list of this.messages.values()) {
      const found = list.find((message) => message.id === id);
      if (found) return found;
    }
    return null;
  }

  userName(id) {
    if (id === this.view.bot.id) return this.view.bot.name;
    return this.view.users.find((user) => user.id === id)?.name ?? null;
  }

  channelName(id) {
    return this.view.channels.find((channel) => channel.id === id)?.name ?? null;
  }

  // What changes it

  enter(view) {
    const place = this.channel?.name;
    const sameUser = this.view?.user.id === view.user.id;
    // a demo that was started anew has the same people under other ids
    const sameName = this.view?.user.name === view.user.name;
    this.view = view;
    this.messages = new Map(
      Object.entries(view.messages).map(([id, list]) => [id, list.toSorted((a, b) => compareIds(a.id, b.id))]),
    );
    this.whole = new Set([...this.messages].filter(([, list]) => list.length < PAGE).map(([id]) => id));
    this.fetched = new Set(this.messages.keys());
    this.clicks.clear();
    if (!sameUser) this.unread.clear();
    // what became of the others meanwhile is in the messages
    for (const [key, entry] of this.tries) if (!sameUser || !entry.error) this.tries.delete(key);
    if (!this.channel) this.channelId = (view.channels.find((one) => one.name === place) ?? view.channels[0])?.id ?? null;
    this.tell("view", { sameUser, sameName });
  }

  select(channelId) {
    if (this.channelId === channelId || !this.view.channels.some((channel) => channel.id === channelId)) return;
    this.channelId = channelId;
    this.unread.delete(channelId);
    this.tell("channel");
  }

  put(message) {
    const list = this.messages.get(message.channel) ?? [];
    this.messages.set(message.channel, list);
    const at = list.findIndex((one) => one.id === message.id);
    const fresh = at < 0;
    const before = list[at] ?? null;
    if (!fresh) list[at] = message;
    else if (list.length && compareIds(message.id, list[0].id) < 0 && !this.whole.has(message.channel)) return;
    else list.splice(list.findLastIndex((one) => compareIds(one.id, message.id) < 0) + 1, 0, message);
    if (fresh && message.channel !== this.channelId && message.author.id !== this.user.id) {
      this.unread.set(message.channel, (this.unread.get(message.channel) ?? 0) + 1);
      this.tell("unread");
    }
    this.tell("message", { message, before });
  }

  drop({ channel, message }) {
    const list = this.messages.get(channel) ?? [];
    this.messages.set(channel, list.filter((one) => one.id !== message));
    this.tell("gone", { channel, message });
  }

  /** What stood before the oldest message that is known; fewer than were asked for are the first ones. */
  prepend(channelId, older) {
    const list = this.list(channelId);
    const known = new Set(list.map((message) => message.id));
    const added = older.filter((message) => !known.has(message.id)).toSorted((a, b) => compareIds(a.id, b.id));
    this.messages.set(channelId, [...added, ...list]);
    this.fetched.add(channelId);
    if (older.length < PAGE) this.whole.add(channelId);
    this.tell("older", { channel: channelId });
  }

  /** Forget old messages of a long list; they can be asked for again. */
  trim(channelId) {
    const list = this.list(channelId);
    if (list.length <= KEPT) return false;
    this.messages.set(channelId, list.slice(-PAGE));
    this.whole.delete(channelId);
    return true;
  }

  /** A push of the server's. */
  take(push) {
    switch (push.push) {
      case "message":
        this.put(push.message);
        break;
      case "gone":
        this.drop(push);
        break;
      case "interaction":
        this.#interaction(push);
        break;
      case "modal":
        this.view.modals = [...this.view.modals, push.modal];
        this.tell("modal", push.modal);
        break;
      case "modal_gone":
        this.view.modals = this.view.modals.filter((modal) => modal.interaction !== push.interaction);
        this.tell("modal_gone", push.interaction);
        break;
      case "bot":
        Object.assign(this.view.bot, { online: push.online, name: push.name });
        this.tell("bot");
        break;
      case "channels":
        this.view.channels = push.channels;
        this.tell("channels");
        if (!this.channel) this.select(push.channels[0]?.id);
        break;
      case "commands":
        this.view.commands = push.commands;
        this.tell("commands");
        break;
      case "users":
        this.view.users = push.users;
        this.view.user = push.users.find((user) => user.id === this.user.id) ?? this.view.user;
        this.tell("users");
        break;
      case "faults":
        this.view.faults = push.faults;
        this.tell("faults");
        break;
    }
  }

  // Commands and clicks on their way

  /** A command that is on its way, or that failed, stands below the messages; this takes it away. */
  dropTry(key) {
    if (this.tries.delete(key)) this.tell("tries");
  }

  noteClick(message, customId, state) {
    const key = `${message} ${customId}`;
    if (state === null) this.clicks.delete(key);
    else this.clicks.set(key, state);
    this.tell("click", { message });
  }

  #interaction(push) {
    if (push.source !== null && push.custom_id !== null) {
      const state = push.state === "answered" ? null : { state: push.state, error: push.error ?? "" };
      this.noteClick(push.source, push.custom_id, state);
    }
    // a push may be here before the answer that tells which interaction it is about
    this.states.set(push.interaction, push);
    if (this.states.size > 50) this.states.delete(this.states.keys().next().value);
    if (push.source === null && push.custom_id === null) {
      if (push.state === "answered") this.dropTry(push.interaction);
      else this.tries.set(push.interaction, { channel: push.channel, name: push.name, error: push.error });
      this.tell("tries");
    }
    this.tell("interaction", push);
  }
}
