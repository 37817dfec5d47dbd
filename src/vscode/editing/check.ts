import { load } from "../../config/load.ts";
import type { Problem } from "../../config/problem.ts";

/** What is wrong with a text; reads no secret and no other file. */
export const check = async (text: string): Promise<readonly Problem[]> => (await load(text)).problems;
