// A form whose ticked rows add up: says how many are chosen and what they come to, exactly, in thousandths.
(() => {
  const thousandths = (text) => {
    const [whole, part = ""] = text.split(".");
    return BigInt(whole) * 1000n + BigInt(part.padEnd(3, "0").slice(0, 3));
  };
  for (const form of document.querySelectorAll("form[data-pick-sum]")) {
    const place = form.querySelector("[data-picked]");
    const tell = () => {
      const picked = [...form.querySelectorAll("input[data-amount]:checked")];
      const sum = picked.reduce((all, box) => all + thousandths(box.dataset.amount), 0n);
      const written = new Intl.NumberFormat(document.documentElement.lang, { minimumFractionDigits: 3, maximumFractionDigits: 3 }).format(Number(sum / 1000n) + Number(sum % 1000n) / 1000);
      place.textContent = place.dataset.words.replace("{n}", picked.length).replace("{sum}", `${written} ${place.dataset.currency}`);
    };
    form.addEventListener("change", tell);
    tell();
  }
})();
