import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Whether the module of that `import.meta.url` is the script that Node was started with. (`import.meta.main` is too new for every Node that we bring.) */
export const isMain = (url) => process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(url);
