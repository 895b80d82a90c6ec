/** The engine of the machine that cep runs on. */
export const LOCAL = 'local';
