// Installs the packages of package-lock.json unless they are: what builds mpmake is made of them, in a fresh clone too.
import { ensureInstalled } from "./project.mjs";

ensureInstalled();
