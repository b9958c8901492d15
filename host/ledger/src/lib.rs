//! The content-addressed record of questions and answers.
