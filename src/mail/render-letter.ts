import { MillraceError } from '#kernel/errors.ts'
import { figureHtml, imageHtml, tableHtml, tableText } from '#mail/letter-parts.ts'
import type { Letter, LetterFile } from '#mail/letter.ts'
import { escapeHtml, oneLine } from '#mail/mail-text.ts'

const SUBJECT_MAX = 150
const PARAGRAPH_MAX = 1_000

export interface RenderedLetter {
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly files: readonly LetterFile[]
  /** What its HTML shows, under `cid:`. */
  readonly inline: readonly (LetterFile & { readonly cid: string })[]
}

/** Of the one picture of a mail. */
const PICTURE = 'chart@millrace'

/** No script, no image but its own, nothing from elsewhere. */
export function renderLetter(letter: Letter): RenderedLetter {
  const subject = oneLine(letter.subject, SUBJECT_MAX)
  const paragraphs = letter.paragraphs.map((text) => oneLine(text, PARAGRAPH_MAX))
  const remarks = letter.remarks.map((text) => oneLine(text, PARAGRAPH_MAX))
  const action = letter.action && { ...letter.action, link: webLink(letter.action.link) }
  const { figure, image, table } = letter
  const text = [
    ...paragraphs,
    ...(figure ? [`${oneLine(figure.label)}: ${oneLine(figure.value)}`] : []),
    ...(image ? [`[${oneLine(image.alt, PARAGRAPH_MAX)}]`] : []),
    ...(table ? [tableText(table)] : []),
    ...(action ? [`${action.label}:\n${action.link}`] : []),
    ...(remarks.length > 0 ? [`-- \n${remarks.join('\n')}`] : []),
  ]
  return {
    subject,
    text: `${text.join('\n\n')}\n`,
    html: page(subject, { ...letter, paragraphs, remarks, action }),
    files: letter.files ?? [],
    inline: image
      ? [{ cid: PICTURE, name: 'chart.png', contentType: 'image/png', base64: image.base64 }]
      : [],
  }
}

function page(
  subject: string,
  { paragraphs, figure, image, table, action, remarks }: Letter,
): string {
  const body = paragraphs.map((text) => `<p style="margin:0 0 16px">${escapeHtml(text)}</p>`)
  if (figure) body.push(figureHtml(figure))
  if (image) body.push(imageHtml(image, PICTURE))
  if (table) body.push(tableHtml(table))
  if (action) {
    const link = escapeHtml(action.link)
    body.push(
      `<p style="margin:24px 0"><a href="${link}" style="background:#175cd3;border-radius:6px;color:#fff;display:inline-block;padding:12px 20px;text-decoration:none">${escapeHtml(action.label)}</a></p>`,
      `<p style="color:#5b6472;font-size:13px;margin:0 0 16px;word-break:break-all">${link}</p>`,
    )
  }
  const small = remarks.map((text) => `<p style="margin:0 0 6px">${escapeHtml(text)}</p>`)
  return [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(subject)}</title></head>`,
    '<body style="background:#f4f5f7;color:#1c2430;font:16px/1.5 system-ui,sans-serif;margin:0;padding:24px">',
    '<div style="background:#fff;border-radius:8px;margin:0 auto;max-width:560px;padding:32px">',
    ...body,
    `<div style="border-top:1px solid #e2e5ea;color:#5b6472;font-size:13px;margin-top:24px;padding-top:16px">`,
    ...small,
    '</div></div></body></html>',
    '',
  ].join('\n')
}

/** An address that a reader's click may go to. */
function webLink(link: string): string {
  const url = URL.parse(link)
  if (url && ['http:', 'https:'].includes(url.protocol)) return url.href
  throw new MillraceError('internal', { message: 'the link of a mail is no address of the web' })
}
