import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { build, transform } from 'esbuild'

const folder = new URL('page/', import.meta.url)

/** Where the edge and the rehearsal find the page. */
export const builtPage = new URL('live.html', import.meta.url)

/**
 * The live page as one file: markup, style and script together, with a content security policy
 * that allows these and a feed of the same address, and nothing else.
 */
export async function buildPage(): Promise<string> {
  const [markup, css, script] = await Promise.all([
    readFile(new URL('page.html', folder), 'utf8'),
    readFile(new URL('style.css', folder), 'utf8'),
    bundle(),
  ])
  const { code } = await transform(css, { loader: 'css', minify: true })
  const style = code.trim()
  const policy = [
    "default-src 'none'",
    `script-src ${hashSource(script)}`,
    `style-src ${hashSource(style)}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  // Functions, because `$&` in a replacement text would mean something.
  return markup
    .replace('CONTENT_SECURITY_POLICY', () => policy)
    .replace('STYLE', () => style)
    .replace('SCRIPT', () => script)
}

/** Writes the built page where it is served from. */
export async function writePage(): Promise<number> {
  const text = await buildPage()
  await writeFile(builtPage, text)
  return Buffer.byteLength(text)
}

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [new URL('main.ts', folder).pathname],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    write: false,
    charset: 'utf8',
    legalComments: 'inline',
  })
  const text = outputFiles[0]?.text ?? ''
  if (/<\/script/i.test(text)) throw new Error('the script holds what would end its element')
  return text.trim()
}

function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
