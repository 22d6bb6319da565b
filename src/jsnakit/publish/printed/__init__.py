"""Printed chapters: each chapter, and all of them, as a tagged PDF that is built to PDF/UA-1 and PDF/A-2a, from the same words and drawings as the site."""

from __future__ import annotations

from jsnakit.publish.printed._making import chapter_pdf, fingerprint, require, whole_pdf

__all__ = ["chapter_pdf", "fingerprint", "require", "whole_pdf"]
