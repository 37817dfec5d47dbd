import type { Locator } from "playwright-core";
import { fileName } from "./served.ts";
import type { Editor } from "./support/editor.ts";
import { until } from "./support/until.ts";

/** A file in the window's editor, as a person writes it: by keyboard. */
export interface FileEditor {
  /** The text as it stands there, saved or not. */
  text(): Promise<string>;
  /** Waits until the text holds this. */
  becomes(expected: string | RegExp): Promise<string>;
  /** Puts the cursor behind the first occurrence of a text. */
  goTo(text: string): Promise<void>;
  type(text: string): Promise<void>;
  press(key: string): Promise<void>;
  /** Presses a key, and again after a while where it came before the editor was ready for it. */
  pressUntil(key: string, isDone: () => Promise<boolean>): Promise<boolean>;
  save(): Promise<void>;
  /** Opens the list of what can stand at the cursor, and waits for one that reads so. */
  suggestion(label: string): Promise<Locator>;
  /** Takes the fix of that title at the cursor. */
  fix(title: string): Promise<void>;
}

/** Opens a file that holds `text`, with the cursor where `|` stands in it. */
export const openFile = async ({ folder, run, window }: Pick<Editor, "folder" | "run" | "window">, marked: string, name = fileName): Promise<FileEditor> => {
  const { page } = window;
  const offset = Math.max(marked.indexOf("|"), 0);
  const content = marked.replace("|", "");
  await run(async ({ vscode }) => {
    while (vscode.window.activeTextEditor !== undefined) await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  });
  await folder.write(name, content);
  const show = (): Promise<string> => run(async ({ vscode }, path) => {
    const document = await vscode.workspace.openTextDocument(vscode.Uri.file(path));
    await vscode.window.showTextDocument(document, { preview: false });
    // What an earlier case left in memory gives way to what is on the disk.
    await vscode.commands.executeCommand("workbench.action.files.revert");
    return document.getText();
  }, `${folder.path}/${name}`);
  await until(`${name} does not show what was written`, show, (shown) => shown === content);
  await page.locator(".monaco-editor.focused").first().waitFor();

  const text = (): Promise<string> => run(({ vscode }) => vscode.window.activeTextEditor?.document.getText() ?? "");
  const select = (at: number): Promise<number> => until("The cursor does not stay", () => run(({ vscode }, to) => {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined) return -1;
    const was = editor.document.offsetAt(editor.selection.active);
    const position = editor.document.positionAt(to);
    // Again only where it is elsewhere: it arrives late, and would go back over what was typed meanwhile.
    if (was !== to || !editor.selection.isEmpty) editor.selection = new vscode.Selection(position, position);
    return was;
  }, at), (place) => place === at);
  const command = (id: string): Promise<void> => run(async ({ vscode }, given) => void (await vscode.commands.executeCommand(given)), id);
  await select(offset);
  return {
    text,
    becomes: (expected) => until(`The text did not become ${String(expected)}`, text, (shown) => (typeof expected === "string" ? shown.includes(expected) : expected.test(shown))),
    async goTo(found) {
      const shown = await text();
      if (!shown.includes(found)) throw new Error(`${found} does not stand in ${shown}`);
      await select(shown.indexOf(found) + found.length);
    },
    type: (typed) => page.keyboard.type(typed, { delay: 20 }),
    press: (key) => page.keyboard.press(key),
    pressUntil: (key, isDone) => until(`${key} did nothing`, async () => {
      await page.keyboard.press(key);
      return until(`${key} did nothing yet`, isDone, (done) => done, 3000).catch(() => false);
    }, (done) => done),
    save: () => command("workbench.action.files.save"),
    async suggestion(label) {
      const row = page.locator(".suggest-widget.visible .monaco-list-row", { has: page.locator(".label-name", { hasText: new RegExp(`^${label.replaceAll(/[^\w ]/g, "\\$&")}$`) }) }).first();
      await row.waitFor();
      return row;
    },
    async fix(title) {
      const row = page.locator(".action-widget .monaco-list-row", { hasText: title }).first();
      await until(`No fix is offered as ${title}`, async () => {
        await page.keyboard.press("Escape");
        await page.keyboard.press("Control+.");
        return row.waitFor({ timeout: 2000 }).then(() => true, () => false);
      }, (isOffered) => isOffered);
      await until(`${title} is not reached`, async () => {
        const isReached = (await row.getAttribute("class"))?.includes("focused") === true;
        if (!isReached) await page.keyboard.press("ArrowDown");
        return isReached;
      }, (isReached) => isReached);
      await page.keyboard.press("Enter");
    },
  };
};
