import { mergeClasses } from '@fluentui/react-components';
import * as React from 'react';
import { useNoticeStyles } from './Notice.styles';

export type NoticeProps = {
  icon: React.ReactNode;
  tone?: 'brand' | 'neutral' | 'danger';
  title: string;
  body?: string;
  /** Smaller: what to do about it. */
  detail?: string;
};

/** A screen, or a pane, that has one thing to say. Its action is the child. */
export const Notice: React.FC<NoticeProps> = ({ icon, tone = 'neutral', title, body, detail, children }) => {
  const styles = useNoticeStyles();
  const toned = tone === 'neutral' ? undefined : styles[tone];
  return (
    <div className={styles.root} role={tone === 'danger' ? 'alert' : undefined}>
      <span className={mergeClasses(styles.icon, toned)}>{icon}</span>
      <div className={styles.title}>{title}</div>
      {body !== undefined && <div className={styles.body}>{body}</div>}
      {detail !== undefined && <div className={styles.detail}>{detail}</div>}
      {children !== undefined && <div className={styles.action}>{children}</div>}
    </div>
  );
};
