/** `https://…/embed/emb_…` without what proves it. */
export function viewAddress(home: string, embed: string): string {
  return `${home}embed/${embed}`
}

/** Two lines for a page: the script, and the element. */
export function elementSnippet(home: string, address: string): string {
  return [
    `<script src="${escaped(`${home}embed.js`)}" async></script>`,
    `<millrace-chart src="${escaped(address)}"></millrace-chart>`,
  ].join('\n')
}

export function frameSnippet(address: string, title: string): string {
  const rest = 'width="100%" height="400" loading="lazy" referrerpolicy="no-referrer"'
  return `<iframe src="${escaped(address)}" title="${escaped(title)}" ${rest}></iframe>`
}

/** What signs a link for a viewer, with nothing but Node. */
export function signSnippet(address: string, names: readonly string[]): string {
  const values = names.map((name) => `${JSON.stringify(name)}: viewer[${JSON.stringify(name)}]`)
  return [
    "import { createHmac } from 'node:crypto'",
    '',
    "const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')",
    'const claims = {',
    '  exp: Math.floor(Date.now() / 1000) + 600,',
    `  values: { ${values.join(', ')} },`,
    '}',
    "const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`",
    "const mac = createHmac('sha256', process.env.MILLRACE_EMBED_SECRET).update(text).digest('base64url')",
    `const src = \`${address}#\${text}.\${mac}\``,
  ].join('\n')
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
}
