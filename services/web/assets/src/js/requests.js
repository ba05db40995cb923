// htmx, set up once: the CSRF header, problems as toasts, a bar while something is on its way.
import htmx from "htmx.org/dist/htmx.esm.js";
import { csrfToken } from "./dom.js";
import { toast } from "./toasts.js";

const STATE_CHANGING = /^(POST|PUT|PATCH|DELETE)$/;

export function startRequests() {
  // Nothing of ours is evaluated: no hx-on, no js: values, no trigger filters. The content security policy refuses
  // eval anyway; these constructors make a slip visible in the console at once.
  htmx.registerExtension("no-eval", {
    init(api) {
      const refuse = function () {
        throw new Error("htmx attributes must not contain scripts");
      };
      api.initSecurity(null, refuse, refuse);
    },
  });

  document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
    if (STATE_CHANGING.test(ctx.request.method)) ctx.request.headers["X-CSRFToken"] = csrfToken();
  });

  // A problem is not a fragment: show its words and leave the page as it is.
  document.addEventListener("htmx:after:request", (event) => {
    const { ctx } = event.detail;
    const { status } = ctx.response;
    if (status === 401) {
      location.assign(`/auth/login?next=${encodeURIComponent(location.pathname + location.search)}`);
      return event.preventDefault();
    }
    const problem = problemOf(ctx);
    if (problem || status >= 500) {
      toast({ tone: "danger", text: problem?.detail || problem?.title || "Something went wrong here. Nothing was changed." });
      ctx.swap = "none";
      event.preventDefault();
    }
  });

  document.addEventListener("htmx:error", ({ detail }) => {
    if (!detail.ctx) return;
    toast({ tone: "danger", text: "The server can't be reached. Check your connection and try again." });
  });

  const bar = document.querySelector(".loading-bar");
  let waiting = 0;
  const show = (change) => {
    waiting = Math.max(0, waiting + change);
    bar?.toggleAttribute("data-busy", waiting > 0);
  };
  document.addEventListener("htmx:before:request", () => show(1));
  document.addEventListener("htmx:finally:request", () => show(-1));
}

function problemOf(ctx) {
  if (!(ctx.response.headers.get("content-type") ?? "").startsWith("application/problem+json")) return null;
  try {
    return JSON.parse(ctx.text);
  } catch {
    return { detail: "" };
  }
}
