import { sha256 } from '#kernel/hash.ts'
import { MillraceError } from '#kernel/errors.ts'

/** Of the picture itself. */
export const LOGO_BYTES_MAX = 102_400

const kinds = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'image/svg+xml': 'svg',
} as const

/** A data address of such a picture. */
export const LOGO_FORM = /^data:image\/(?:png|jpeg|webp|svg\+xml);base64,[A-Za-z0-9+/]+={0,2}$/

export interface Logo {
  readonly type: keyof typeof kinds
  /** `<32 digits of its SHA-256>.png`: changes when the picture does. */
  readonly file: string
  readonly bytes: Buffer
}

export function logoOf(dataAddress: string): Logo {
  const at = dataAddress.indexOf(';base64,')
  const type = dataAddress.slice('data:'.length, at) as Logo['type']
  const bytes = Buffer.from(dataAddress.slice(at + ';base64,'.length), 'base64')
  return { type, bytes, file: `${sha256(bytes).slice(0, 32)}.${kinds[type]}` }
}

/** Throws `input-invalid` for what is too large, is no such picture, or could do more than be seen. */
export function assertLogo(dataAddress: string): void {
  const { type, bytes } = logoOf(dataAddress)
  const refuse = (message: string): never => {
    throw new MillraceError('input-invalid', { path: 'logo', message })
  }
  if (bytes.byteLength > LOGO_BYTES_MAX) {
    refuse(`has ${bytes.byteLength} bytes, and may have ${LOGO_BYTES_MAX}`)
  }
  if (type === 'image/svg+xml') {
    const problem = svgProblem(bytes)
    if (problem !== null) refuse(problem)
    return
  }
  if (!begins(bytes, type)) refuse(`is not the ${kinds[type].toUpperCase()} that it says it is`)
}

function begins(bytes: Buffer, type: Logo['type']): boolean {
  const head = bytes.subarray(0, 12).toString('latin1')
  if (type === 'image/png') return head.startsWith('\u0089PNG\r\n\u001a\n')
  if (type === 'image/jpeg') return head.startsWith('\u00ff\u00d8\u00ff')
  return head.startsWith('RIFF') && head.slice(8) === 'WEBP'
}

const elements = new Set(
  `svg g path rect circle ellipse line polyline polygon text tspan defs linearGradient radialGradient
   stop clipPath mask title desc use symbol style metadata`.split(/\s+/),
)
const ATTRIBUTES = /([A-Za-z_][\w:.-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/g
const TAG = /^<\/?([A-Za-z][\w:.-]*)((?:\s+[A-Za-z_][\w:.-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*\/?>/

/** Shapes and colours only: no script, no document inside, nothing from elsewhere. Null: it is fine. */
function svgProblem(bytes: Buffer): string | null {
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '')
  if (!Buffer.from(text).equals(bytes.subarray(bytes.byteLength - Buffer.byteLength(text)))) {
    return 'is no SVG in UTF-8'
  }
  let isSvg = false
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at)) {
    const skipped = text.startsWith('<!--', at)
      ? text.indexOf('-->', at + 4) + 3
      : at === 0 && text.startsWith('<?xml ')
        ? text.indexOf('?>') + 2
        : 0
    if (skipped > 2) {
      at = skipped
      continue
    }
    const end = text.indexOf('<', at + 1)
    const [whole, name = '', attributes = ''] =
      TAG.exec(text.slice(at, end < 0 ? text.length : end)) ?? []
    if (whole === undefined) return `has "${text.slice(at, at + 20)}", which logos may not have`
    if (!elements.has(name)) return `has an element ${name}, which logos may not have`
    isSvg ||= name === 'svg'
    if (!isSvg) return 'does not begin with svg'
    for (const [, attribute = '', double, single] of attributes.matchAll(ATTRIBUTES)) {
      const value = double ?? single ?? ''
      if (/^on/i.test(attribute)) return `has ${attribute}, and logos do nothing`
      if (/(?:^|:)href$/i.test(attribute) && !value.startsWith('#')) {
        return `leads to "${value.slice(0, 50)}", and logos may name parts of themselves only`
      }
      if (reaches(value))
        return `has "${value.slice(0, 50)}" in ${attribute}, which may lead elsewhere`
    }
    at += whole.length
    if (name === 'style' && !whole.endsWith('/>')) {
      const style = text.slice(at, text.indexOf('<', at))
      if (reaches(style) || /[@\\]/.test(style)) return 'has a style that may lead elsewhere'
    }
  }
  return isSvg ? null : 'is no SVG'
}

/** An address that is not a part of the picture, or a spelling in which one may hide. */
function reaches(text: string): boolean {
  return (
    /url\(\s*["']?(?!["'#\s])/i.test(text) ||
    /&#|&\w+;?:|javascript:|image-set|expression/i.test(text)
  )
}
