// Which change goes next. Pure. All go in the order in which they were made; one that was refused, or that somebody must
// decide on, steps aside and holds only those that build on it. A job is done only after its photos have arrived.
(() => {
  const Order = (self.Order = self.Order || {});
  const stuck = (change) => change.status === "refused" || change.status === "conflict";
  const isProof = (change) => change.kind === "photo" || change.kind === "signature";
  const finishes = (change) => change.kind === "move" && change.value === "done";

  // Changes with the same key build on each other: each was made from what the one before it left.
  const keyOf = (change) => (["move", "tick", "part"].includes(change.kind) ? `${change.kind} ${change.url}` : "");

  // What `change` must wait for, of the same person's other changes.
  Order.holder = (changes, change) => changes.find((each) => each.n < change.n && stuck(each)
    && ((keyOf(each) && keyOf(each) === keyOf(change)) || (finishes(change) && isProof(each) && each.subject === change.subject)));

  Order.next = (changes) => changes.find((each) => (each.status === "waiting" || each.status === "sending") && !Order.holder(changes, each));

  // Those that were made on top of `change`, and mean nothing without it.
  Order.after = (changes, change) => changes.filter((each) => each.n > change.n && each.status !== "sent" && keyOf(change) && keyOf(each) === keyOf(change));

  // The photos and signatures that belong to a job before it is done.
  Order.proofs = (changes, change) => (finishes(change) ? changes.filter((each) => each.n < change.n && isProof(each) && each.subject === change.subject) : []);

  // Milliseconds until the next try: 1 s, 2 s, 4 s … a minute, never two devices in step.
  Order.pause = (failures, random = Math.random()) => Math.min(60000, 1000 * 2 ** Math.min(failures, 6)) * (0.75 + random / 2);
})();
