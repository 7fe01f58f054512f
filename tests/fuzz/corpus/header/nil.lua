revision='a' -- c
down_revision=nil;
branch_labels={}
upgrade=function() end