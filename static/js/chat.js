// The chat: stays at the newest message unless one has scrolled up, tells what was read and that one is writing, shows who
// else is, and makes an answer to a message of the form's next one.
(() => {
  const SAY_EVERY = 3000, WRITES_FOR = 5000;
  const frame = document.querySelector("[data-chat-frame]"), form = document.querySelector("[data-chat-say]");
  const region = () => document.getElementById("chat-messages");
  if (!frame || !region()) return;
  let atEnd = true, read = 0, said = 0;
  const writing = new Map();

  const toEnd = () => { frame.scrollTop = frame.scrollHeight; };
  const post = (address, values) => fetch(address, {
    method: "POST", keepalive: true,
    body: new URLSearchParams({ ...values, csrf_token: form.elements.csrf_token.value }),
  }).catch(() => null);

  function tellRead() {
    const last = Number(region()?.dataset.chatLast ?? 0);
    if (!form || document.visibilityState !== "visible" || last <= read) return;
    read = last;
    post(form.dataset.chatRead, { upto: last });
  }

  function show() {
    const line = document.getElementById("chat-typing"), names = JSON.parse(line.dataset.names);
    const who = [...writing.keys()].map((key) => names[key]).filter(Boolean).join(", ");
    line.textContent = who && line.dataset.words.replace("{names}", who);
  }

  frame.addEventListener("scroll", () => { atEnd = frame.scrollHeight - frame.scrollTop - frame.clientHeight < 60; }, { passive: true });
  document.addEventListener("live:applied", (event) => {
    if (event.target.id !== "chat-messages") return;
    if (atEnd) toEnd();
    tellRead();
  });
  document.addEventListener("visibilitychange", tellRead);
  document.addEventListener("chat:typing", (event) => {
    const { channel, user } = JSON.parse(event.detail?.data ?? "{}");
    if (String(channel) !== region().dataset.chat) return;
    clearTimeout(writing.get(user));
    writing.set(user, setTimeout(() => { writing.delete(user); show(); }, WRITES_FOR));
    show();
  });

  function answer(key, name) {
    const line = form.querySelector("[data-chat-answering]");
    form.elements.reply_to.value = key ?? "";
    line.hidden = !key;
    if (key) line.firstElementChild.textContent = line.dataset.words.replace("{name}", name);
    if (key) form.elements.body.focus();
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-chat-reply]");
    if (link && form) {
      event.preventDefault();
      answer(link.dataset.chatReply, link.dataset.chatOf);
    } else if (event.target.closest("[data-chat-unreply]")) answer(null);
  });
  form?.addEventListener("input", () => {
    if (Date.now() - said < SAY_EVERY) return;
    said = Date.now();
    post(form.dataset.chatSay, {});
  });
  form?.addEventListener("form:saved", () => {
    form.reset();
    answer(null);
    form.elements.client_id.value = crypto.randomUUID();
    said = 0;
    atEnd = true;
  });

  if (location.hash.startsWith("#message-")) document.querySelector(location.hash)?.scrollIntoView();
  else toEnd();
  tellRead();
})();
