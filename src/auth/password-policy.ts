import { usualWords, keyboardWalks } from '#auth/usual-passwords.ts'
import { MillraceError } from '#kernel/errors.ts'

/** Characters, not bytes. */
export const PASSWORD_LENGTH_MIN = 10
export const PASSWORD_LENGTH_MAX = 200

/**
 * Throws `password-weak` for a password that is too short or long, that is much like the e-mail
 * address or the name of its owner, or that is among the first that somebody would try. Nothing is
 * asked about kinds of characters.
 */
export function assertPassword(
  password: string,
  owner: { readonly email: string; readonly name?: string },
): void {
  const problem = problemOf(password.normalize('NFKC'), owner)
  if (problem !== null) throw new MillraceError('password-weak', { problem })
}

function problemOf(
  password: string,
  { email, name = '' }: { readonly email: string; readonly name?: string },
): string | null {
  const length = Array.from(password).length
  if (length < PASSWORD_LENGTH_MIN) {
    return `has ${length} characters, and needs ${PASSWORD_LENGTH_MIN}`
  }
  if (length > PASSWORD_LENGTH_MAX) {
    return `has ${length} characters, and may have ${PASSWORD_LENGTH_MAX}`
  }
  const [local = '', domain = ''] = email.split('@')
  const own = [email, local, domain, domain.split('.')[0] ?? '', ...name.split(/\s+/u), name]
  const core = coreOf(password)
  if (own.some((word) => word.length > 2 && isMostly(core, coreOf(word)))) {
    return 'is much like the name or the e-mail address'
  }
  return isUsual(core) ? 'is among the first that somebody would try' : null
}

/** Digits and signs that stand for letters, as they are usually put. */
const letters: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
}

/** What is left without decoration: case, digits and signs at either end, letters that are put as digits. */
function coreOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/^[\d\s!-/:-@[-`{-~]+|[\d\s!-/:-@[-`{-~]+$/g, '')
    .replace(/[0134571@$!]/g, (sign) => letters[sign] ?? sign)
    .replace(/[\s!-/:-@[-`{-~]/g, '')
}

/** The word and little more: `anna` in `anna2024anna`. */
function isMostly(core: string, word: string): boolean {
  if (word.length < 3) return false
  return core.replaceAll(word, '').length < 4 && core.includes(word)
}

function isUsual(core: string): boolean {
  // Nothing but digits and signs, or the same few characters again and again.
  if (core === '' || new Set(core).size < 4) return true
  return walks.has(core) || isMadeOf(core, 3)
}

const walks: ReadonlySet<string> = new Set(keyboardWalks.map(coreOf))

/** Up to `most` words of the list one after the other, with nothing between them. */
function isMadeOf(core: string, most: number): boolean {
  if (core === '') return true
  if (most === 0) return false
  for (let length = 2; length <= core.length; length++) {
    const head = core.slice(0, length)
    if (usualWords.has(head) && isMadeOf(core.slice(length), most - 1)) return true
  }
  return false
}
