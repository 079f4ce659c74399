"""What is learned: how a listing becomes predictions, and the default bundle."""
