import { parseCertificate } from '@cep/nebula/certificates';

/** When a certificate is to be replaced: when two thirds of its time are over. @param certificate  PEM */
export function renewalTime(certificate: string): Date {
  const { notBefore, notAfter } = parseCertificate(certificate);
  return new Date((notBefore + ((notAfter - notBefore) * 2) / 3) * 1000);
}
