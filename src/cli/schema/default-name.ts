/** What a topic's schema is called in a program. */

/**
 * `paid-orders` becomes `paidOrdersSchema`, and `PaidOrdersRow` as the name of an interface. The
 * last word keeps both from being a word of the language.
 */
export function defaultName(topic: string, format: 'literal' | 'typescript'): string {
  const words = topic.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const pascal = words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('');
  const safe = /^[A-Z]/.test(pascal) ? pascal : `Topic${pascal}`;
  if (format === 'typescript') return `${safe}Row`;
  return `${safe[0]!.toLowerCase()}${safe.slice(1)}Schema`;
}
