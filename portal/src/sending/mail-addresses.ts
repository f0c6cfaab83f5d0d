const MAIL = /^[^\s@]+@[^\s@]+$/

/** What a field with several addresses holds. */
export const mailsOf = (text: string): string[] =>
  text.split(/[\s,;]+/).filter((address) => address !== '')

export const areMails = (text: string): boolean =>
  mailsOf(text).every((address) => MAIL.test(address))
