import type { TemplateProps } from '../../../../../src/render/react/template-props.ts';
      export default ({ view, t, subject }: TemplateProps<{ word: string }>) => <html lang="en"><head><title>{subject}</title></head>
        <body title={view.data.word}><p>{view.data.word}|{t('hello', { name: view.data.word })}|{view.member?.firstName}</p></body></html>;