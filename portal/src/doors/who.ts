/** Of whoever did something, as the server names them, what people know: the e-mail address, if there is one. */
export function whoOf(actor: string): string {
  const [last = ''] = actor.split(' ').slice(-1)
  return last.includes('@') ? last : actor
}
