export const LOGO_BYTES_MAX = 102_400
export const logoTypes = ['image/png', 'image/jpeg', 'image/webp', 'image/svg+xml'] as const

/** Why a file cannot be the logo; null: it can, as far as its size and kind tell. */
export function logoProblem({
  type,
  size,
}: {
  readonly type: string
  readonly size: number
}): 'kind' | 'size' | null {
  if (!(logoTypes as readonly string[]).includes(type)) return 'kind'
  return size > LOGO_BYTES_MAX ? 'size' : null
}

/** As the server takes it: `data:image/png;base64,…`. */
export async function toDataAddress(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return `data:${file.type};base64,${btoa(text)}`
}
