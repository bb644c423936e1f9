// What an answer of the desk means for a change. Pure but for reading the answer.
// sent: it has a receipt. conflict, refused: a person must look. token: the form's token is old. later: the desk did not
// take it in. out, other: nobody, or somebody else, is signed in.
(() => {
  const Answers = (self.Answers = self.Answers || {});

  Answers.meaning = async (answer) => {
    const isJson = /^application\/(problem\+)?json/.test(answer.headers.get("Content-Type") ?? "");
    const told = isJson ? await answer.json().catch(() => ({})) : {};
    return { ...verdict(answer.status, told), after: Number(answer.headers.get("Retry-After")) * 1000 || 0 };
  };

  function verdict(status, told) {
    if (status >= 200 && status < 300) return told.outcome === "done" ? { is: "sent", told } : { is: "later" };
    if (told.outcome === "conflict") return { is: "conflict", conflicts: told.conflicts };
    if (status === 401) return { is: told.code === "somebody_else" ? "other" : "out" };
    if (told.code === "csrf") return { is: "token" };
    if (told.code === "second_factor_needed") return { is: "out" };
    if (status === 413) return { is: "refused", reason: told.title ?? "" };
    // Without our own words it was a proxy, or a page in front of the network, that answered.
    if (!told.title || status < 400 || status >= 500 || [408, 425, 429].includes(status)) return { is: "later" };
    return { is: "refused", reason: Object.values(told.errors ?? {})[0] || told.title };
  }
})();
