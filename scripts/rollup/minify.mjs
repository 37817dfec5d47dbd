import { transform } from "esbuild";

/**
 * A rollup plugin that shortens each finished file with one pass of esbuild.
 * Names stay as they are: a stack trace in somebody's log then says `fallbackPolicy`, at a line that exists, without a source map.
 */
export const minify = () => ({
  name: "minify",
  async renderChunk(code) {
    const { code: shorter } = await transform(code, {
      target: "node22",
      format: "cjs",
      platform: "node",
      minifySyntax: true,
      minifyWhitespace: true,
      lineLimit: 160,
      legalComments: "none",
    });
    return { code: shorter, map: null };
  },
});
