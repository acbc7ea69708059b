import { Hr, Link, Text } from '@react-email/components';
import { colours } from './theme';

export const Footer = ({ year }: { year: number }) => (
  <>
    <Hr />
    <Text style={{ color: colours.muted }}>© {year} Cloud, <Link href="https://cloud.example/privacy">privacy</Link></Text>
  </>
);
