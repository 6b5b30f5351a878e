"""Monitoring: measurements that come in by HJ 212."""
