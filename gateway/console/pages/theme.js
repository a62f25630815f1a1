// Before the first paint: the colours that were chosen here, else those of the system.
const chosen = localStorage.getItem("otagw.theme");
if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
