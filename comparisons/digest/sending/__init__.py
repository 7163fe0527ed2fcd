"""How deliveries leave: claimed, begun, told. No mail twice, and no claim that one arrived without proof."""
