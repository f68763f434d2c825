"""Hand-over of incidents to a professional alarm centre by SIA DC-09."""
