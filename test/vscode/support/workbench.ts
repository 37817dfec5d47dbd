import type { Locator, Page } from "playwright-core";
import { until } from "./until.ts";

const matches = (shown: string, expected: string | RegExp): boolean =>
  typeof expected === "string" ? shown.includes(expected) : expected.test(shown);

/** Output and problems are padded with no-break spaces, which no test would think of. */
const plain = (shown: string | null): string => (shown ?? "").replaceAll("\u00A0", " ").trim();

/** Runs in the page. The rest of this program has no use for the types of the DOM. */
const readLabels = (elements: readonly { getAttribute(name: string): string | null }[]): readonly (string | null)[] =>
  elements.map((element) => element.getAttribute("aria-label"));

/** What a person sees and does in a window. Expected texts are parts of what is shown, or regular expressions. */
export class Workbench {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** `id` is `<publisher>.<extension>.<id of the item>`. */
  statusBarItem(id: string): Locator {
    return this.page.locator(`[id="${id}"]`);
  }

  /** Waits until a status bar item reads so; gives all of its text. */
  statusBecomes(id: string, expected: string | RegExp): Promise<string> {
    const item = this.statusBarItem(id);
    return until(
      `The status bar item ${id} did not become ${String(expected)}`,
      async () => ((await item.count()) === 0 ? "(no such item)" : plain(await item.innerText())),
      (shown) => matches(shown, expected),
    );
  }

  /** Hovers over a status bar item and gives its tooltip, as text and as what its Markdown became. */
  async statusTooltip(id: string): Promise<{ readonly text: string; readonly html: string }> {
    // Moving away first: a pointer that is there already makes no new hover.
    await this.page.mouse.move(600, 300);
    await this.statusBarItem(id).hover();
    const tooltip = this.page.locator(".workbench-hover:visible, .monaco-hover:visible").first();
    await tooltip.waitFor();
    return { text: plain(await tooltip.innerText()), html: await tooltip.innerHTML() };
  }

  /** Runs a command by its title. A test that only needs its effect is faster with `executeCommand` in `window.run`. */
  async runFromPalette(title: string): Promise<void> {
    const row = this.quickInput().locator(".monaco-list-row", { hasText: title }).first();
    await until(
      `The palette did not offer "${title}"`,
      () => this.#searchPalette(title, row),
      (isOffered) => isOffered,
    );
    await row.click();
  }

  /** What the palette offers is settled when it opens: in a young window a command may be there only the next time. */
  async #searchPalette(title: string, row: Locator): Promise<boolean> {
    await this.page.keyboard.press("Escape");
    await this.page.keyboard.press("F1");
    const options = { timeout: 2000 };
    try {
      await this.quickInput().locator("input").first().fill(`>${title}`, options);
      await row.waitFor(options);
      return true;
    } catch {
      return false;
    }
  }

  /** The one widget that shows the palette, input boxes and quick picks. */
  quickInput(): Locator {
    return this.page.locator(".quick-input-widget:visible");
  }

  /** Fills in an input box and accepts; the box stays when its validation refuses that. */
  async answerInput(content: string): Promise<void> {
    const input = this.quickInput().locator("input").first();
    await input.fill(content);
    await input.press("Enter");
  }

  async pick(label: string | RegExp): Promise<void> {
    await this.quickInput().locator(".monaco-list-row", { hasText: label }).first().click();
  }

  notification(content: string | RegExp): Locator {
    return this.page.locator(".notification-toast", { hasText: content }).first();
  }

  async pressInNotification(content: string | RegExp, button: string): Promise<void> {
    await this.notification(content).locator(".monaco-button", { hasText: button }).first().click();
  }

  /** A modal message, of an extension or of VS Code: consent to a model, trust in a workspace. */
  dialog(): Locator {
    return this.page.locator(".monaco-dialog-box");
  }

  async pressInDialog(button: string): Promise<void> {
    await this.dialog().locator(".monaco-button", { hasText: button }).first().click();
  }

  /** Ends Restricted Mode for the folder of this window. */
  async trustWorkspace(): Promise<void> {
    await this.runFromPalette("Workspaces: Manage Workspace Trust");
    await this.page.locator(".workspace-trust-editor .monaco-button", { hasText: /^Trust$/ }).first().click();
  }

  /** Opens the Problems view and waits for a row that reads so; gives the texts of all rows that are shown. */
  async problemsBecome(expected: string | RegExp): Promise<readonly string[]> {
    const rows = this.page.locator(".markers-panel .monaco-list-row");
    if (!(await this.page.locator(".markers-panel").isVisible())) await this.runFromPalette("View: Focus Problems");
    return until(
      `No problem became ${String(expected)}`,
      async () => (await rows.evaluateAll(readLabels)).map(plain),
      (labels) => labels.some((label) => matches(label, expected)),
    );
  }

  /** The lines of the output channel that can be seen now; all of it is in its file, which `window.log` reads. */
  async visibleOutput(): Promise<string> {
    const lines = this.page.locator(".output-view .view-lines").first();
    await lines.waitFor();
    return plain(await lines.innerText());
  }
}
