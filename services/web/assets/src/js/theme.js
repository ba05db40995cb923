// Loaded before the first paint, so a dark page never flashes white. Keep it tiny.
const system = matchMedia("(prefers-color-scheme: dark)");

function chosen() {
  try {
    return localStorage.getItem("theme") ?? "system";
  } catch {
    return "system"; // storage is blocked: the system's theme is still right
  }
}

function apply() {
  const theme = chosen();
  const dark = theme === "dark" || (theme === "system" && system.matches);
  document.documentElement.dataset.bsTheme = dark ? "dark" : "light";
}

apply();
system.addEventListener("change", apply);
addEventListener("storage", apply);
document.addEventListener("theme:change", apply);
