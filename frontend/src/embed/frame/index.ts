/** The chat in the frame of another site: as on a page of the platform, but whoever is around it has to be asked. */
import { readConfig } from "../../loader/config";
import { Frame } from "./frame";

const config = readConfig();
const placed = config && document.getElementById(config.elementId);
if (config?.embed && placed) new Frame(config, config.embed, placed).begin();
