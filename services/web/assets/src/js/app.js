// Every page works without this file; with it, it is quicker. Behaviour hangs on data attributes, never on inline handlers.
import { startCopy } from "./copy.js";
import { startForms } from "./forms.js";
import { startLines } from "./lines.js";
import { startMenus } from "./menus.js";
import { startPalette } from "./palette.js";
import { startPasskeys } from "./passkeys.js";
import { startRequests } from "./requests.js";
import { startThemeMenu } from "./theme-menu.js";
import { startToasts } from "./toasts.js";
import { startZone } from "./zone.js";

startRequests();
startThemeMenu();
startMenus();
startToasts();
startForms();
startCopy();
startLines();
startPalette();
startPasskeys();
startZone();
