// Rows of a list that lives, while the list itself must not move: those that changed do so where they stand, those that
// left it fade and say why (<… data-live-left="address"> answers { row's number: words }).
(() => {
  const Live = (window.Live = window.Live || {});
  const FADES = 2000, MARKED = 2500;
  const rows = (root) => [...root.querySelectorAll("[data-live-row][id]")];
  const numberOf = (row) => row.id.match(/\d+/)?.[0];
  const said = (row) => {
    const copy = row.cloneNode(true);
    copy.querySelectorAll("time, .row-reason, .row-here").forEach((part) => part.remove());
    return copy.textContent.replace(/\s+/g, " ").trim();
  };

  // Changed rows, each by itself; one in which a person is busy is left for later.
  Live.settleRows = (region, fresh) => {
    for (const row of rows(region)) {
      const now = fresh.querySelector(`#${CSS.escape(row.id)}`);
      if (!now || said(now) === said(row) || Live.busy(row)) continue;
      Live.swap(row, "outerMorph", now.outerHTML).then(() => {
        const changed = document.getElementById(row.id);
        changed?.classList.add("is-changed");
        setTimeout(() => changed?.classList.remove("is-changed"), MARKED);
      });
    }
  };

  // True once those that left have faded; false at once where none did.
  Live.farewell = async (region, fresh) => {
    const left = rows(region).filter((row) => !row.classList.contains("is-leaving") && !fresh.querySelector(`#${CSS.escape(row.id)}`));
    if (!left.length || !region.dataset.liveLeft) return false;
    const reasons = await ask(region.dataset.liveLeft, left.map(numberOf));
    const told = left.filter((row) => row.isConnected && reasons[numberOf(row)]);
    for (const row of told) {
      row.classList.add("is-leaving");
      const words = Object.assign(document.createElement("span"), { className: "row-reason badge badge--grey", textContent: reasons[numberOf(row)] });
      row.querySelector("th")?.append(words);
    }
    if (told.length) await new Promise((done) => setTimeout(done, FADES));
    return told.length > 0;
  };

  async function ask(source, numbers) {
    const address = new URL(source, location);
    address.searchParams.set("ids", numbers.join(","));
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" }, cache: "no-store", signal: AbortSignal.timeout(5000) });
      return answer.ok ? await answer.json() : {};
    } catch {
      return {};
    }
  }
})();
