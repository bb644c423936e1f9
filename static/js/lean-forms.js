// <form method="get" data-lean>: what is left empty does not get into the address.
document.addEventListener("submit", ({ target: form }) => {
  if (!form.matches("form[data-lean]")) return;
  const empty = [...form.elements].filter((field) => field.name && !field.disabled && field.value === "");
  for (const field of empty) field.disabled = true;
  setTimeout(() => { for (const field of empty) field.disabled = false; }); // the page may stay, as with "back"
});
