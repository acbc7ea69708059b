'use client';
import { Body, Button, Container, Head, Html, Img, Link, Preview, Section, Text } from '@react-email/components';
import { memo } from 'react';

type BoxResetPasswordEmailProps = { userFirstname?: string; resetPasswordLink?: string; };

const Paragraph = memo(({ children }: { children: React.ReactNode }) => <Text style={{ fontSize: '16px', fontWeight: '300', color: '#404040', lineHeight: '26px' }}>{children}</Text>);

export const BoxResetPasswordEmail = ({ userFirstname = 'there', resetPasswordLink }: BoxResetPasswordEmailProps) => {
  return (
    <Html>
      <Head />
      <Body style={{ backgroundColor: '#f6f9fc', padding: '10px 0' }}>
        <Preview>Box reset your password</Preview>
        <Container style={{ backgroundColor: '#ffffff', border: '1px solid #f0f0f0', padding: '45px' }}>
          <Img src={`${process.env.NEXT_PUBLIC_SITE}/static/box-logo.png`} width="40" height="33" alt="Box" />
          <Section>
            <Paragraph>Hi {userFirstname},</Paragraph>
            <Paragraph>Someone recently requested a password change.</Paragraph>
            <Button style={{ backgroundColor: '#007ee6', padding: '14px 7px' }} href={resetPasswordLink}>Reset password</Button>
            <Paragraph>See the <Link style={{ textDecoration: 'underline' }} href="https://help.box.example/security">Help Center</Link> for more.</Paragraph>
          </Section>
        </Container>
      </Body>
    </Html>
  );
};

BoxResetPasswordEmail.PreviewProps = { userFirstname: 'Alan', resetPasswordLink: 'https://box.example/reset?t=1' } as BoxResetPasswordEmailProps;

export default BoxResetPasswordEmail;
