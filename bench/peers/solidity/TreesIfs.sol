// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

/// @title Trees as nested ifs; bench/peers/forests.py wrote them.
contract TreesIfs {
    fallback(bytes calldata row) external returns (bytes memory) {
        require(row.length == 19);
        uint256 x0 = uint16(bytes2(row[0:2]));
        uint256 x1 = uint16(bytes2(row[2:4]));
        uint256 x2 = uint16(bytes2(row[4:6]));
        uint256 x3 = uint16(bytes2(row[6:8]));
        uint256 x4 = uint32(bytes4(row[8:12]));
        uint256 x5 = uint8(bytes1(row[12:13]));
        uint256 x6 = uint8(bytes1(row[13:14]));
        uint256 x7 = uint8(bytes1(row[14:15]));
        uint256 x8 = uint8(bytes1(row[15:16]));
        uint256 x9 = uint16(bytes2(row[16:18]));
        uint256 x10 = uint8(bytes1(row[18:19]));
        uint256 sum;
        unchecked {
            if (x9 > 142) {
                if (x7 > 0) {
                    if (x10 > 87) {
                        sum += 93823;
                    } else {
                        sum += 222480;
                    }
                } else {
                    if (x8 > 0) {
                        sum += 56503;
                    } else {
                        sum += 171744;
                    }
                }
            } else {
                if (x10 > 51) {
                    if (x2 > 31) {
                        sum += 92959;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x2 > 107) {
                        sum += 199737;
                    } else {
                        sum += 122815;
                    }
                }
            }
            if (x9 > 144) {
                if (x10 > 87) {
                    if (x2 > 60) {
                        sum += 130765;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x7 > 0) {
                        sum += 209622;
                    } else {
                        sum += 158687;
                    }
                }
            } else {
                if (x7 > 0) {
                    if (x10 > 96) {
                        sum += 16946;
                    } else {
                        sum += 141912;
                    }
                } else {
                    if (x10 > 71) {
                        sum += 17686;
                    } else {
                        sum += 83982;
                    }
                }
            }
            if (x9 > 160) {
                if (x7 > 0) {
                    if (x10 > 86) {
                        sum += 60620;
                    } else {
                        sum += 160118;
                    }
                } else {
                    if (x2 > 10) {
                        sum += 122350;
                    } else {
                        sum += 30756;
                    }
                }
            } else {
                if (x7 > 0) {
                    if (x10 > 96) {
                        sum += 14792;
                    } else {
                        sum += 102963;
                    }
                } else {
                    if (x10 > 73) {
                        sum += 0;
                    } else {
                        sum += 56001;
                    }
                }
            }
            if (x9 > 142) {
                if (x2 > 60) {
                    if (x8 > 0) {
                        sum += 115794;
                    } else {
                        sum += 156598;
                    }
                } else {
                    if (x10 > 81) {
                        sum += 5933;
                    } else {
                        sum += 110795;
                    }
                }
            } else {
                if (x10 > 51) {
                    if (x1 > 50) {
                        sum += 56231;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x9 > 112) {
                        sum += 107164;
                    } else {
                        sum += 13828;
                    }
                }
            }
            if (x9 > 160) {
                if (x10 > 86) {
                    if (x4 > 1266) {
                        sum += 107742;
                    } else {
                        sum += 21109;
                    }
                } else {
                    if (x7 > 0) {
                        sum += 161980;
                    } else {
                        sum += 120473;
                    }
                }
            } else {
                if (x2 > 55) {
                    if (x9 > 135) {
                        sum += 138276;
                    } else {
                        sum += 92443;
                    }
                } else {
                    if (x8 > 0) {
                        sum += 0;
                    } else {
                        sum += 77773;
                    }
                }
            }
            if (x9 > 160) {
                if (x10 > 86) {
                    if (x0 > 216) {
                        sum += 77281;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x1 > 113) {
                        sum += 146288;
                    } else {
                        sum += 108906;
                    }
                }
            } else {
                if (x10 > 46) {
                    if (x1 > 45) {
                        sum += 77100;
                    } else {
                        sum += 26294;
                    }
                } else {
                    if (x2 > 107) {
                        sum += 144251;
                    } else {
                        sum += 93437;
                    }
                }
            }
            if (x9 > 134) {
                if (x1 > 24) {
                    if (x10 > 65) {
                        sum += 84080;
                    } else {
                        sum += 125608;
                    }
                } else {
                    if (x9 > 160) {
                        sum += 68096;
                    } else {
                        sum += 0;
                    }
                }
            } else {
                if (x10 > 51) {
                    if (x0 > 269) {
                        sum += 59067;
                    } else {
                        sum += 24430;
                    }
                } else {
                    if (x9 > 112) {
                        sum += 101807;
                    } else {
                        sum += 31621;
                    }
                }
            }
            if (x9 > 134) {
                if (x2 > 53) {
                    if (x8 > 0) {
                        sum += 54522;
                    } else {
                        sum += 98209;
                    }
                } else {
                    if (x10 > 64) {
                        sum += 11419;
                    } else {
                        sum += 60471;
                    }
                }
            } else {
                if (x10 > 71) {
                    if (x6 > 8) {
                        sum += 142833;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x1 > 616) {
                        sum += 93758;
                    } else {
                        sum += 33895;
                    }
                }
            }
            if (x9 > 160) {
                if (x7 > 0) {
                    if (x5 > 28) {
                        sum += 127713;
                    } else {
                        sum += 98567;
                    }
                } else {
                    if (x8 > 0) {
                        sum += 0;
                    } else {
                        sum += 89586;
                    }
                }
            } else {
                if (x2 > 164) {
                    if (x5 > 25) {
                        sum += 130480;
                    } else {
                        sum += 70295;
                    }
                } else {
                    if (x8 > 0) {
                        sum += 20101;
                    } else {
                        sum += 69108;
                    }
                }
            }
            if (x10 > 70) {
                if (x7 > 0) {
                    if (x4 > 140) {
                        sum += 107915;
                    } else {
                        sum += 21462;
                    }
                } else {
                    if (x0 > 103) {
                        sum += 76987;
                    } else {
                        sum += 0;
                    }
                }
            } else {
                if (x7 > 1) {
                    if (x9 > 114) {
                        sum += 149759;
                    } else {
                        sum += 81952;
                    }
                } else {
                    if (x8 > 0) {
                        sum += 62124;
                    } else {
                        sum += 121172;
                    }
                }
            }
            if (x9 > 127) {
                if (x0 > 258) {
                    if (x8 > 0) {
                        sum += 127317;
                    } else {
                        sum += 160310;
                    }
                } else {
                    if (x10 > 81) {
                        sum += 64388;
                    } else {
                        sum += 124154;
                    }
                }
            } else {
                if (x4 > 72) {
                    if (x10 > 46) {
                        sum += 94890;
                    } else {
                        sum += 132174;
                    }
                } else {
                    if (x5 > 77) {
                        sum += 213221;
                    } else {
                        sum += 0;
                    }
                }
            }
            if (x9 > 160) {
                if (x2 > 7) {
                    if (x10 > 86) {
                        sum += 26316;
                    } else {
                        sum += 84891;
                    }
                } else {
                    if (x7 > 0) {
                        sum += 71733;
                    } else {
                        sum += 7674;
                    }
                }
            } else {
                if (x4 > 807) {
                    if (x7 > 0) {
                        sum += 71289;
                    } else {
                        sum += 41501;
                    }
                } else {
                    if (x2 > 26) {
                        sum += 39920;
                    } else {
                        sum += 0;
                    }
                }
            }
            if (x7 > 0) {
                if (x7 > 3) {
                    if (x10 > 93) {
                        sum += 44511;
                    } else {
                        sum += 134546;
                    }
                } else {
                    if (x8 > 1) {
                        sum += 0;
                    } else {
                        sum += 103140;
                    }
                }
            } else {
                if (x8 > 0) {
                    if (x4 > 1377) {
                        sum += 63504;
                    } else {
                        sum += 13171;
                    }
                } else {
                    if (x9 > 174) {
                        sum += 102385;
                    } else {
                        sum += 67907;
                    }
                }
            }
            if (x10 > 67) {
                if (x2 > 21) {
                    if (x8 > 1) {
                        sum += 0;
                    } else {
                        sum += 67283;
                    }
                } else {
                    if (x4 > 11045) {
                        sum += 114005;
                    } else {
                        sum += 19680;
                    }
                }
            } else {
                if (x0 > 422) {
                    if (x9 > 125) {
                        sum += 106810;
                    } else {
                        sum += 60933;
                    }
                } else {
                    if (x4 > 1843) {
                        sum += 91913;
                    } else {
                        sum += 60565;
                    }
                }
            }
            if (x2 > 168) {
                if (x9 > 107) {
                    if (x10 > 93) {
                        sum += 168144;
                    } else {
                        sum += 238251;
                    }
                } else {
                    if (x4 > 150) {
                        sum += 0;
                    } else {
                        sum += 52833;
                    }
                }
            } else {
                if (x8 > 0) {
                    if (x9 > 143) {
                        sum += 174582;
                    } else {
                        sum += 141331;
                    }
                } else {
                    if (x9 > 169) {
                        sum += 215927;
                    } else {
                        sum += 189755;
                    }
                }
            }
            if (x7 > 0) {
                if (x9 > 244) {
                    if (x5 > 35) {
                        sum += 108543;
                    } else {
                        sum += 78815;
                    }
                } else {
                    if (x4 > 138) {
                        sum += 69607;
                    } else {
                        sum += 19614;
                    }
                }
            } else {
                if (x4 > 1488) {
                    if (x10 > 78) {
                        sum += 18965;
                    } else {
                        sum += 78655;
                    }
                } else {
                    if (x8 > 0) {
                        sum += 0;
                    } else {
                        sum += 39814;
                    }
                }
            }
            if (x9 > 127) {
                if (x1 > 24) {
                    if (x0 > 586) {
                        sum += 153660;
                    } else {
                        sum += 126354;
                    }
                } else {
                    if (x10 > 48) {
                        sum += 65171;
                    } else {
                        sum += 105132;
                    }
                }
            } else {
                if (x4 > 338) {
                    if (x10 > 51) {
                        sum += 96951;
                    } else {
                        sum += 132090;
                    }
                } else {
                    if (x8 > 0) {
                        sum += 0;
                    } else {
                        sum += 91120;
                    }
                }
            }
            if (x10 > 55) {
                if (x3 > 7) {
                    if (x9 > 125) {
                        sum += 108477;
                    } else {
                        sum += 85406;
                    }
                } else {
                    if (x4 > 437) {
                        sum += 80434;
                    } else {
                        sum += 0;
                    }
                }
            } else {
                if (x8 > 0) {
                    if (x6 > 3) {
                        sum += 121802;
                    } else {
                        sum += 65861;
                    }
                } else {
                    if (x4 > 85) {
                        sum += 131250;
                    } else {
                        sum += 75961;
                    }
                }
            }
            if (x7 > 2) {
                if (x10 > 81) {
                    if (x5 > 38) {
                        sum += 83994;
                    } else {
                        sum += 6733;
                    }
                } else {
                    if (x8 > 1) {
                        sum += 37703;
                    } else {
                        sum += 98924;
                    }
                }
            } else {
                if (x8 > 0) {
                    if (x9 > 136) {
                        sum += 42847;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x1 > 47) {
                        sum += 74728;
                    } else {
                        sum += 50596;
                    }
                }
            }
            if (x2 > 168) {
                if (x9 > 107) {
                    if (x8 > 1) {
                        sum += 124364;
                    } else {
                        sum += 171817;
                    }
                } else {
                    if (x10 > 42) {
                        sum += 0;
                    } else {
                        sum += 29963;
                    }
                }
            } else {
                if (x8 > 1) {
                    if (x3 > 12) {
                        sum += 61737;
                    } else {
                        sum += 203238;
                    }
                } else {
                    if (x9 > 169) {
                        sum += 144832;
                    } else {
                        sum += 125952;
                    }
                }
            }
            if (x10 > 87) {
                if (x5 > 70) {
                    if (x10 > 95) {
                        sum += 242927;
                    } else {
                        sum += 111404;
                    }
                } else {
                    if (x0 > 992) {
                        sum += 190570;
                    } else {
                        sum += 123863;
                    }
                }
            } else {
                if (x4 > 10191) {
                    if (x9 > 111) {
                        sum += 203413;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x7 > 0) {
                        sum += 172351;
                    } else {
                        sum += 150157;
                    }
                }
            }
            if (x9 > 244) {
                if (x1 > 104) {
                    if (x8 > 0) {
                        sum += 86857;
                    } else {
                        sum += 126146;
                    }
                } else {
                    if (x4 > 200) {
                        sum += 95592;
                    } else {
                        sum += 44586;
                    }
                }
            } else {
                if (x4 > 72) {
                    if (x10 > 73) {
                        sum += 70783;
                    } else {
                        sum += 91161;
                    }
                } else {
                    if (x7 > 1) {
                        sum += 67861;
                    } else {
                        sum += 0;
                    }
                }
            }
            if (x5 > 46) {
                if (x2 > 12) {
                    if (x9 > 154) {
                        sum += 79397;
                    } else {
                        sum += 47308;
                    }
                } else {
                    if (x9 > 283) {
                        sum += 70774;
                    } else {
                        sum += 0;
                    }
                }
            } else {
                if (x4 > 5851) {
                    if (x9 > 118) {
                        sum += 75624;
                    } else {
                        sum += 10620;
                    }
                } else {
                    if (x8 > 0) {
                        sum += 16955;
                    } else {
                        sum += 44611;
                    }
                }
            }
            if (x0 > 258) {
                if (x8 > 1) {
                    if (x2 > 333) {
                        sum += 112797;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x9 > 127) {
                        sum += 74200;
                    } else {
                        sum += 49062;
                    }
                }
            } else {
                if (x10 > 81) {
                    if (x5 > 71) {
                        sum += 138537;
                    } else {
                        sum += 11093;
                    }
                } else {
                    if (x4 > 2009) {
                        sum += 71398;
                    } else {
                        sum += 43489;
                    }
                }
            }
            if (x2 > 168) {
                if (x9 > 107) {
                    if (x5 > 34) {
                        sum += 155062;
                    } else {
                        sum += 124869;
                    }
                } else {
                    if (x3 > 46) {
                        sum += 0;
                    } else {
                        sum += 24408;
                    }
                }
            } else {
                if (x8 > 0) {
                    if (x4 > 202) {
                        sum += 98428;
                    } else {
                        sum += 51893;
                    }
                } else {
                    if (x10 > 29) {
                        sum += 109723;
                    } else {
                        sum += 129453;
                    }
                }
            }
            if (x1 > 24) {
                if (x9 > 127) {
                    if (x5 > 46) {
                        sum += 58358;
                    } else {
                        sum += 38979;
                    }
                } else {
                    if (x5 > 74) {
                        sum += 71031;
                    } else {
                        sum += 20598;
                    }
                }
            } else {
                if (x5 > 59) {
                    if (x10 > 47) {
                        sum += 0;
                    } else {
                        sum += 73789;
                    }
                } else {
                    if (x4 > 3418) {
                        sum += 51532;
                    } else {
                        sum += 293;
                    }
                }
            }
            if (x7 > 0) {
                if (x9 > 106) {
                    if (x4 > 137) {
                        sum += 119609;
                    } else {
                        sum += 89947;
                    }
                } else {
                    if (x5 > 15) {
                        sum += 0;
                    } else {
                        sum += 125349;
                    }
                }
            } else {
                if (x4 > 1754) {
                    if (x3 > 34) {
                        sum += 152247;
                    } else {
                        sum += 107752;
                    }
                } else {
                    if (x5 > 65) {
                        sum += 115827;
                    } else {
                        sum += 83647;
                    }
                }
            }
            if (x4 > 10191) {
                if (x9 > 111) {
                    if (x10 > 98) {
                        sum += 63719;
                    } else {
                        sum += 156812;
                    }
                } else {
                    if (x2 > 50) {
                        sum += 0;
                    } else {
                        sum += 44517;
                    }
                }
            } else {
                if (x9 > 244) {
                    if (x7 > 3) {
                        sum += 173609;
                    } else {
                        sum += 125972;
                    }
                } else {
                    if (x10 > 26) {
                        sum += 111106;
                    } else {
                        sum += 141530;
                    }
                }
            }
            if (x8 > 0) {
                if (x7 > 4) {
                    if (x4 > 118) {
                        sum += 168011;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x8 > 1) {
                        sum += 83029;
                    } else {
                        sum += 117451;
                    }
                }
            } else {
                if (x2 > 52) {
                    if (x10 > 93) {
                        sum += 101829;
                    } else {
                        sum += 151267;
                    }
                } else {
                    if (x4 > 101) {
                        sum += 132794;
                    } else {
                        sum += 84332;
                    }
                }
            }
            if (x4 > 10191) {
                if (x9 > 111) {
                    if (x3 > 2) {
                        sum += 137307;
                    } else {
                        sum += 217520;
                    }
                } else {
                    if (x10 > 68) {
                        sum += 35464;
                    } else {
                        sum += 0;
                    }
                }
            } else {
                if (x7 > 0) {
                    if (x8 > 1) {
                        sum += 80923;
                    } else {
                        sum += 115807;
                    }
                } else {
                    if (x2 > 12) {
                        sum += 104141;
                    } else {
                        sum += 82518;
                    }
                }
            }
            if (x10 > 46) {
                if (x9 > 240) {
                    if (x4 > 20) {
                        sum += 290364;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x3 > 7) {
                        sum += 247129;
                    } else {
                        sum += 212026;
                    }
                }
            } else {
                if (x8 > 0) {
                    if (x5 > 5) {
                        sum += 246988;
                    } else {
                        sum += 166112;
                    }
                } else {
                    if (x2 > 92) {
                        sum += 289684;
                    } else {
                        sum += 257567;
                    }
                }
            }
            if (x4 > 88) {
                if (x10 > 55) {
                    if (x3 > 7) {
                        sum += 133068;
                    } else {
                        sum += 101930;
                    }
                } else {
                    if (x8 > 0) {
                        sum += 126235;
                    } else {
                        sum += 149327;
                    }
                }
            } else {
                if (x3 > 4) {
                    if (x9 > 211) {
                        sum += 139472;
                    } else {
                        sum += 98417;
                    }
                } else {
                    if (x1 > 3) {
                        sum += 0;
                    } else {
                        sum += 63188;
                    }
                }
            }
            if (x2 > 164) {
                if (x9 > 107) {
                    if (x9 > 110) {
                        sum += 467880;
                    } else {
                        sum += 547059;
                    }
                } else {
                    if (x6 > 5) {
                        sum += 349542;
                    } else {
                        sum += 373232;
                    }
                }
            } else {
                if (x1 > 2360) {
                    if (x1 > 2744) {
                        sum += 363456;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x8 > 0) {
                        sum += 432094;
                    } else {
                        sum += 448466;
                    }
                }
            }
            if (x5 > 46) {
                if (x2 > 12) {
                    if (x9 > 154) {
                        sum += 65092;
                    } else {
                        sum += 38126;
                    }
                } else {
                    if (x5 > 68) {
                        sum += 59834;
                    } else {
                        sum += 0;
                    }
                }
            } else {
                if (x4 > 10229) {
                    if (x0 > 82) {
                        sum += 60598;
                    } else {
                        sum += 124542;
                    }
                } else {
                    if (x10 > 46) {
                        sum += 27450;
                    } else {
                        sum += 40575;
                    }
                }
            }
            if (x0 > 258) {
                if (x9 > 127) {
                    if (x1 > 8) {
                        sum += 72550;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x4 > 24052) {
                        sum += 142009;
                    } else {
                        sum += 48569;
                    }
                }
            } else {
                if (x10 > 81) {
                    if (x5 > 71) {
                        sum += 139306;
                    } else {
                        sum += 23622;
                    }
                } else {
                    if (x1 > 46) {
                        sum += 65565;
                    } else {
                        sum += 46180;
                    }
                }
            }
            if (x4 > 88) {
                if (x2 > 181) {
                    if (x10 > 93) {
                        sum += 19140;
                    } else {
                        sum += 87701;
                    }
                } else {
                    if (x8 > 1) {
                        sum += 19280;
                    } else {
                        sum += 61810;
                    }
                }
            } else {
                if (x5 > 77) {
                    if (x0 > 188) {
                        sum += 140494;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x7 > 1) {
                        sum += 53673;
                    } else {
                        sum += 15922;
                    }
                }
            }
            if (x4 > 10191) {
                if (x10 > 98) {
                    if (x1 > 760) {
                        sum += 168838;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x1 > 4) {
                        sum += 118035;
                    } else {
                        sum += 218112;
                    }
                }
            } else {
                if (x9 > 244) {
                    if (x10 > 96) {
                        sum += 7453;
                    } else {
                        sum += 101676;
                    }
                } else {
                    if (x10 > 26) {
                        sum += 84180;
                    } else {
                        sum += 109288;
                    }
                }
            }
            if (x5 > 46) {
                if (x0 > 220) {
                    if (x9 > 111) {
                        sum += 160469;
                    } else {
                        sum += 111057;
                    }
                } else {
                    if (x1 > 114) {
                        sum += 161101;
                    } else {
                        sum += 123894;
                    }
                }
            } else {
                if (x4 > 21) {
                    if (x2 > 332) {
                        sum += 182599;
                    } else {
                        sum += 138025;
                    }
                } else {
                    if (x10 > 42) {
                        sum += 0;
                    } else {
                        sum += 161071;
                    }
                }
            }
            if (x8 > 0) {
                if (x7 > 4) {
                    if (x5 > 97) {
                        sum += 0;
                    } else {
                        sum += 188659;
                    }
                } else {
                    if (x3 > 257) {
                        sum += 45406;
                    } else {
                        sum += 146583;
                    }
                }
            } else {
                if (x0 > 418) {
                    if (x3 > 20) {
                        sum += 169801;
                    } else {
                        sum += 191905;
                    }
                } else {
                    if (x9 > 174) {
                        sum += 166968;
                    } else {
                        sum += 150986;
                    }
                }
            }
            if (x4 > 1843) {
                if (x9 > 109) {
                    if (x10 > 92) {
                        sum += 77632;
                    } else {
                        sum += 112794;
                    }
                } else {
                    if (x9 > 105) {
                        sum += 0;
                    } else {
                        sum += 182810;
                    }
                }
            } else {
                if (x7 > 0) {
                    if (x9 > 106) {
                        sum += 104643;
                    } else {
                        sum += 29442;
                    }
                } else {
                    if (x0 > 422) {
                        sum += 105552;
                    } else {
                        sum += 83641;
                    }
                }
            }
            if (x8 > 0) {
                if (x7 > 4) {
                    if (x4 > 118) {
                        sum += 554265;
                    } else {
                        sum += 426129;
                    }
                } else {
                    if (x4 > 202) {
                        sum += 515179;
                    } else {
                        sum += 482625;
                    }
                }
            } else {
                if (x1 > 620) {
                    if (x2 > 35) {
                        sum += 554529;
                    } else {
                        sum += 259668;
                    }
                } else {
                    if (x1 > 618) {
                        sum += 0;
                    } else {
                        sum += 526799;
                    }
                }
            }
            if (x5 > 46) {
                if (x1 > 3) {
                    if (x1 > 6) {
                        sum += 130814;
                    } else {
                        sum += 187811;
                    }
                } else {
                    if (x10 > 26) {
                        sum += 10782;
                    } else {
                        sum += 185993;
                    }
                }
            } else {
                if (x4 > 21) {
                    if (x4 > 10229) {
                        sum += 141941;
                    } else {
                        sum += 118219;
                    }
                } else {
                    if (x10 > 42) {
                        sum += 0;
                    } else {
                        sum += 138744;
                    }
                }
            }
            if (x9 > 244) {
                if (x9 > 354) {
                    if (x1 > 113) {
                        sum += 65881;
                    } else {
                        sum += 41437;
                    }
                } else {
                    if (x10 > 96) {
                        sum += 0;
                    } else {
                        sum += 90498;
                    }
                }
            } else {
                if (x4 > 72) {
                    if (x8 > 1) {
                        sum += 22657;
                    } else {
                        sum += 50861;
                    }
                } else {
                    if (x5 > 84) {
                        sum += 131971;
                    } else {
                        sum += 9753;
                    }
                }
            }
            if (x2 > 5) {
                if (x9 > 127) {
                    if (x4 > 6562) {
                        sum += 287111;
                    } else {
                        sum += 266473;
                    }
                } else {
                    if (x0 > 548) {
                        sum += 239336;
                    } else {
                        sum += 265514;
                    }
                }
            } else {
                if (x1 > 13) {
                    if (x0 > 46) {
                        sum += 229252;
                    } else {
                        sum += 131638;
                    }
                } else {
                    if (x4 > 31113) {
                        sum += 0;
                    } else {
                        sum += 264297;
                    }
                }
            }
            if (x8 > 0) {
                if (x7 > 2) {
                    if (x5 > 4) {
                        sum += 122305;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x9 > 136) {
                        sum += 103930;
                    } else {
                        sum += 65947;
                    }
                }
            } else {
                if (x10 > 46) {
                    if (x4 > 1760) {
                        sum += 119665;
                    } else {
                        sum += 100880;
                    }
                } else {
                    if (x2 > 90) {
                        sum += 141530;
                    } else {
                        sum += 113570;
                    }
                }
            }
            if (x5 > 46) {
                if (x5 > 47) {
                    if (x0 > 220) {
                        sum += 118582;
                    } else {
                        sum += 97246;
                    }
                } else {
                    if (x2 > 42) {
                        sum += 166195;
                    } else {
                        sum += 184796;
                    }
                }
            } else {
                if (x4 > 21) {
                    if (x2 > 332) {
                        sum += 142408;
                    } else {
                        sum += 102845;
                    }
                } else {
                    if (x10 > 42) {
                        sum += 0;
                    } else {
                        sum += 122406;
                    }
                }
            }
            if (x1 > 3) {
                if (x8 > 1) {
                    if (x5 > 9) {
                        sum += 108928;
                    } else {
                        sum += 35500;
                    }
                } else {
                    if (x5 > 46) {
                        sum += 124130;
                    } else {
                        sum += 113616;
                    }
                }
            } else {
                if (x5 > 25) {
                    if (x0 > 14) {
                        sum += 0;
                    } else {
                        sum += 177852;
                    }
                } else {
                    if (x10 > 71) {
                        sum += 53405;
                    } else {
                        sum += 198736;
                    }
                }
            }
            if (x4 > 88) {
                if (x1 > 24) {
                    if (x8 > 1) {
                        sum += 87519;
                    } else {
                        sum += 110416;
                    }
                } else {
                    if (x4 > 185) {
                        sum += 90793;
                    } else {
                        sum += 142221;
                    }
                }
            } else {
                if (x3 > 4) {
                    if (x1 > 28) {
                        sum += 89674;
                    } else {
                        sum += 156841;
                    }
                } else {
                    if (x3 > 2) {
                        sum += 0;
                    } else {
                        sum += 46412;
                    }
                }
            }
            if (x9 > 127) {
                if (x1 > 3) {
                    if (x0 > 586) {
                        sum += 128619;
                    } else {
                        sum += 113055;
                    }
                } else {
                    if (x1 > 2) {
                        sum += 0;
                    } else {
                        sum += 86516;
                    }
                }
            } else {
                if (x1 > 6) {
                    if (x5 > 3) {
                        sum += 103396;
                    } else {
                        sum += 161305;
                    }
                } else {
                    if (x2 > 6) {
                        sum += 229571;
                    } else {
                        sum += 202794;
                    }
                }
            }
            if (x4 > 10191) {
                if (x10 > 98) {
                    if (x1 > 760) {
                        sum += 277204;
                    } else {
                        sum += 118885;
                    }
                } else {
                    if (x9 > 111) {
                        sum += 229807;
                    } else {
                        sum += 114286;
                    }
                }
            } else {
                if (x4 > 10130) {
                    if (x4 > 10161) {
                        sum += 185856;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x1 > 3) {
                        sum += 206345;
                    } else {
                        sum += 140767;
                    }
                }
            }
            if (x8 > 0) {
                if (x7 > 2) {
                    if (x5 > 4) {
                        sum += 101930;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x9 > 136) {
                        sum += 85945;
                    } else {
                        sum += 51228;
                    }
                }
            } else {
                if (x10 > 46) {
                    if (x4 > 1760) {
                        sum += 99299;
                    } else {
                        sum += 83065;
                    }
                } else {
                    if (x2 > 92) {
                        sum += 120301;
                    } else {
                        sum += 94433;
                    }
                }
            }
            if (x7 > 7) {
                if (x9 > 113) {
                    if (x8 > 3) {
                        sum += 234607;
                    } else {
                        sum += 417932;
                    }
                } else {
                    sum += 43624;
                }
            } else {
                if (x6 > 9) {
                    if (x4 > 2267) {
                        sum += 422218;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x8 > 1) {
                        sum += 347469;
                    } else {
                        sum += 366577;
                    }
                }
            }
            if (x9 > 244) {
                if (x9 > 354) {
                    if (x4 > 201) {
                        sum += 56767;
                    } else {
                        sum += 30275;
                    }
                } else {
                    if (x10 > 96) {
                        sum += 0;
                    } else {
                        sum += 86745;
                    }
                }
            } else {
                if (x10 > 26) {
                    if (x4 > 72) {
                        sum += 46331;
                    } else {
                        sum += 17315;
                    }
                } else {
                    if (x3 > 26) {
                        sum += 86156;
                    } else {
                        sum += 46613;
                    }
                }
            }
            if (x7 > 0) {
                if (x9 > 106) {
                    if (x0 > 148) {
                        sum += 72733;
                    } else {
                        sum += 90937;
                    }
                } else {
                    if (x5 > 7) {
                        sum += 0;
                    } else {
                        sum += 174721;
                    }
                }
            } else {
                if (x4 > 1377) {
                    if (x10 > 97) {
                        sum += 20497;
                    } else {
                        sum += 78959;
                    }
                } else {
                    if (x4 > 1072) {
                        sum += 27628;
                    } else {
                        sum += 63908;
                    }
                }
            }
            if (x0 > 1059) {
                if (x9 > 110) {
                    if (x10 > 95) {
                        sum += 573508;
                    } else {
                        sum += 540661;
                    }
                } else {
                    sum += 359559;
                }
            } else {
                if (x8 > 0) {
                    if (x0 > 1053) {
                        sum += 0;
                    } else {
                        sum += 509905;
                    }
                } else {
                    if (x10 > 96) {
                        sum += 498293;
                    } else {
                        sum += 521031;
                    }
                }
            }
            if (x2 > 4) {
                if (x9 > 127) {
                    if (x9 > 131) {
                        sum += 98416;
                    } else {
                        sum += 115139;
                    }
                } else {
                    if (x0 > 140) {
                        sum += 93608;
                    } else {
                        sum += 54820;
                    }
                }
            } else {
                if (x0 > 148) {
                    if (x0 > 295) {
                        sum += 132626;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x9 > 134) {
                        sum += 84176;
                    } else {
                        sum += 164842;
                    }
                }
            }
            if (x7 > 3) {
                if (x10 > 42) {
                    if (x5 > 25) {
                        sum += 262733;
                    } else {
                        sum += 214529;
                    }
                } else {
                    if (x2 > 214) {
                        sum += 274767;
                    } else {
                        sum += 304983;
                    }
                }
            } else {
                if (x3 > 257) {
                    if (x0 > 472) {
                        sum += 195959;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x1 > 907) {
                        sum += 277616;
                    } else {
                        sum += 250866;
                    }
                }
            }
            if (x4 > 10191) {
                if (x5 > 94) {
                    if (x2 > 128) {
                        sum += 295698;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x9 > 111) {
                        sum += 261344;
                    } else {
                        sum += 159017;
                    }
                }
            } else {
                if (x4 > 9830) {
                    if (x10 > 46) {
                        sum += 113863;
                    } else {
                        sum += 227166;
                    }
                } else {
                    if (x1 > 3) {
                        sum += 241221;
                    } else {
                        sum += 182572;
                    }
                }
            }
            if (x5 > 46) {
                if (x5 > 47) {
                    if (x9 > 154) {
                        sum += 187057;
                    } else {
                        sum += 168875;
                    }
                } else {
                    if (x2 > 42) {
                        sum += 234042;
                    } else {
                        sum += 252493;
                    }
                }
            } else {
                if (x4 > 807) {
                    if (x4 > 1074) {
                        sum += 173931;
                    } else {
                        sum += 202452;
                    }
                } else {
                    if (x4 > 799) {
                        sum += 0;
                    } else {
                        sum += 169237;
                    }
                }
            }
            if (x4 > 88) {
                if (x1 > 24) {
                    if (x1 > 32) {
                        sum += 112537;
                    } else {
                        sum += 134061;
                    }
                } else {
                    if (x0 > 633) {
                        sum += 0;
                    } else {
                        sum += 105113;
                    }
                }
            } else {
                if (x5 > 78) {
                    if (x0 > 188) {
                        sum += 188847;
                    } else {
                        sum += 57670;
                    }
                } else {
                    if (x9 > 125) {
                        sum += 99753;
                    } else {
                        sum += 45302;
                    }
                }
            }
            if (x8 > 0) {
                if (x6 > 1) {
                    if (x2 > 42) {
                        sum += 181383;
                    } else {
                        sum += 219596;
                    }
                } else {
                    if (x0 > 992) {
                        sum += 327135;
                    } else {
                        sum += 161766;
                    }
                }
            } else {
                if (x1 > 620) {
                    if (x2 > 35) {
                        sum += 211071;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x1 > 600) {
                        sum += 108210;
                    } else {
                        sum += 189370;
                    }
                }
            }
            if (x0 > 7) {
                if (x2 > 4) {
                    if (x10 > 96) {
                        sum += 14256;
                    } else {
                        sum += 28328;
                    }
                } else {
                    if (x9 > 136) {
                        sum += 0;
                    } else {
                        sum += 60690;
                    }
                }
            } else {
                if (x10 > 29) {
                    sum += 138402;
                } else {
                    sum += 90059;
                }
            }
            if (x7 > 7) {
                if (x9 > 113) {
                    if (x8 > 3) {
                        sum += 114187;
                    } else {
                        sum += 273648;
                    }
                } else {
                    sum += 30117;
                }
            } else {
                if (x6 > 9) {
                    if (x4 > 2267) {
                        sum += 278732;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x8 > 1) {
                        sum += 207396;
                    } else {
                        sum += 223638;
                    }
                }
            }
            if (x0 > 1059) {
                if (x9 > 110) {
                    if (x10 > 52) {
                        sum += 145347;
                    } else {
                        sum += 197347;
                    }
                } else {
                    sum += 22468;
                }
            } else {
                if (x0 > 928) {
                    if (x10 > 99) {
                        sum += 0;
                    } else {
                        sum += 129505;
                    }
                } else {
                    if (x8 > 1) {
                        sum += 132327;
                    } else {
                        sum += 153077;
                    }
                }
            }
            if (x9 > 244) {
                if (x9 > 354) {
                    if (x1 > 113) {
                        sum += 47671;
                    } else {
                        sum += 28751;
                    }
                } else {
                    if (x3 > 7) {
                        sum += 63751;
                    } else {
                        sum += 104975;
                    }
                }
            } else {
                if (x5 > 3) {
                    if (x10 > 26) {
                        sum += 32354;
                    } else {
                        sum += 51235;
                    }
                } else {
                    if (x3 > 45) {
                        sum += 0;
                    } else {
                        sum += 93914;
                    }
                }
            }
            if (x0 > 258) {
                if (x0 > 293) {
                    if (x2 > 19) {
                        sum += 201537;
                    } else {
                        sum += 221558;
                    }
                } else {
                    if (x0 > 282) {
                        sum += 252486;
                    } else {
                        sum += 206159;
                    }
                }
            } else {
                if (x0 > 255) {
                    if (x5 > 16) {
                        sum += 201666;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x0 > 147) {
                        sum += 191926;
                    } else {
                        sum += 207485;
                    }
                }
            }
            if (x7 > 0) {
                if (x0 > 148) {
                    if (x0 > 155) {
                        sum += 164028;
                    } else {
                        sum += 53400;
                    }
                } else {
                    if (x9 > 142) {
                        sum += 193201;
                    } else {
                        sum += 133562;
                    }
                }
            } else {
                if (x4 > 1377) {
                    if (x0 > 1364) {
                        sum += 0;
                    } else {
                        sum += 168156;
                    }
                } else {
                    if (x4 > 1158) {
                        sum += 116616;
                    } else {
                        sum += 155742;
                    }
                }
            }
            if (x5 > 54) {
                if (x8 > 1) {
                    if (x1 > 1668) {
                        sum += 0;
                    } else {
                        sum += 165344;
                    }
                } else {
                    if (x1 > 199) {
                        sum += 211830;
                    } else {
                        sum += 184449;
                    }
                }
            } else {
                if (x4 > 745) {
                    if (x4 > 1074) {
                        sum += 187378;
                    } else {
                        sum += 209667;
                    }
                } else {
                    if (x4 > 734) {
                        sum += 70788;
                    } else {
                        sum += 181325;
                    }
                }
            }
            if (x4 > 10191) {
                if (x10 > 98) {
                    if (x1 > 760) {
                        sum += 212943;
                    } else {
                        sum += 63856;
                    }
                } else {
                    if (x5 > 94) {
                        sum += 0;
                    } else {
                        sum += 163965;
                    }
                }
            } else {
                if (x4 > 9830) {
                    if (x10 > 46) {
                        sum += 32607;
                    } else {
                        sum += 130597;
                    }
                } else {
                    if (x1 > 5) {
                        sum += 144853;
                    } else {
                        sum += 113673;
                    }
                }
            }
            if (x0 > 7) {
                if (x2 > 4) {
                    if (x0 > 26) {
                        sum += 66352;
                    } else {
                        sum += 127157;
                    }
                } else {
                    if (x1 > 15) {
                        sum += 0;
                    } else {
                        sum += 61277;
                    }
                }
            } else {
                if (x4 > 606) {
                    sum += 166704;
                } else {
                    sum += 127875;
                }
            }
            if (x4 > 88) {
                if (x2 > 181) {
                    if (x10 > 93) {
                        sum += 71191;
                    } else {
                        sum += 121909;
                    }
                } else {
                    if (x1 > 2422) {
                        sum += 0;
                    } else {
                        sum += 104466;
                    }
                }
            } else {
                if (x3 > 4) {
                    if (x1 > 19) {
                        sum += 94427;
                    } else {
                        sum += 184486;
                    }
                } else {
                    if (x10 > 49) {
                        sum += 49304;
                    } else {
                        sum += 14811;
                    }
                }
            }
            if (x9 > 244) {
                if (x5 > 6) {
                    if (x3 > 3) {
                        sum += 71956;
                    } else {
                        sum += 32907;
                    }
                } else {
                    if (x4 > 799) {
                        sum += 84705;
                    } else {
                        sum += 0;
                    }
                }
            } else {
                if (x5 > 3) {
                    if (x10 > 12) {
                        sum += 59707;
                    } else {
                        sum += 96275;
                    }
                } else {
                    if (x9 > 110) {
                        sum += 87195;
                    } else {
                        sum += 182664;
                    }
                }
            }
            if (x5 > 54) {
                if (x8 > 1) {
                    if (x0 > 605) {
                        sum += 117248;
                    } else {
                        sum += 9607;
                    }
                } else {
                    if (x1 > 199) {
                        sum += 123005;
                    } else {
                        sum += 97977;
                    }
                }
            } else {
                if (x4 > 745) {
                    if (x4 > 1074) {
                        sum += 100136;
                    } else {
                        sum += 121175;
                    }
                } else {
                    if (x4 > 734) {
                        sum += 0;
                    } else {
                        sum += 95332;
                    }
                }
            }
            if (x0 > 7) {
                if (x1 > 3) {
                    if (x3 > 1) {
                        sum += 83371;
                    } else {
                        sum += 157651;
                    }
                } else {
                    if (x5 > 25) {
                        sum += 0;
                    } else {
                        sum += 123077;
                    }
                }
            } else {
                if (x1 > 5) {
                    sum += 176020;
                } else {
                    sum += 144702;
                }
            }
            if (x8 > 0) {
                if (x0 > 50) {
                    if (x0 > 108) {
                        sum += 108432;
                    } else {
                        sum += 159584;
                    }
                } else {
                    if (x1 > 23) {
                        sum += 0;
                    } else {
                        sum += 41463;
                    }
                }
            } else {
                if (x10 > 55) {
                    if (x3 > 7) {
                        sum += 113105;
                    } else {
                        sum += 86269;
                    }
                } else {
                    if (x9 > 112) {
                        sum += 119948;
                    } else {
                        sum += 91316;
                    }
                }
            }
            if (x4 > 9265) {
                if (x4 > 9558) {
                    if (x4 > 9591) {
                        sum += 375398;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x0 > 421) {
                        sum += 426785;
                    } else {
                        sum += 448279;
                    }
                }
            } else {
                if (x4 > 9171) {
                    if (x1 > 229) {
                        sum += 365396;
                    } else {
                        sum += 154769;
                    }
                } else {
                    if (x4 > 8740) {
                        sum += 424689;
                    } else {
                        sum += 364558;
                    }
                }
            }
            if (x2 > 304) {
                if (x1 > 515) {
                    if (x9 > 145) {
                        sum += 334914;
                    } else {
                        sum += 347359;
                    }
                } else {
                    if (x9 > 130) {
                        sum += 261794;
                    } else {
                        sum += 155454;
                    }
                }
            } else {
                if (x1 > 1679) {
                    if (x2 > 296) {
                        sum += 0;
                    } else {
                        sum += 274186;
                    }
                } else {
                    if (x8 > 2) {
                        sum += 268794;
                    } else {
                        sum += 306153;
                    }
                }
            }
            if (x4 > 23) {
                if (x4 > 27) {
                    if (x4 > 29) {
                        sum += 183641;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x0 > 78) {
                        sum += 258839;
                    } else {
                        sum += 245799;
                    }
                }
            } else {
                if (x4 > 15) {
                    if (x1 > 131) {
                        sum += 155420;
                    } else {
                        sum += 59345;
                    }
                } else {
                    if (x3 > 4) {
                        sum += 225063;
                    } else {
                        sum += 89844;
                    }
                }
            }
            if (x7 > 2) {
                if (x0 > 213) {
                    if (x0 > 228) {
                        sum += 265653;
                    } else {
                        sum += 120663;
                    }
                } else {
                    if (x0 > 48) {
                        sum += 330194;
                    } else {
                        sum += 0;
                    }
                }
            } else {
                if (x8 > 0) {
                    if (x9 > 124) {
                        sum += 254765;
                    } else {
                        sum += 210308;
                    }
                } else {
                    if (x6 > 4) {
                        sum += 159990;
                    } else {
                        sum += 261440;
                    }
                }
            }
            if (x0 > 19) {
                if (x1 > 7) {
                    if (x1 > 13) {
                        sum += 88289;
                    } else {
                        sum += 119637;
                    }
                } else {
                    if (x1 > 6) {
                        sum += 26465;
                    } else {
                        sum += 91341;
                    }
                }
            } else {
                if (x4 > 719) {
                    if (x10 > 29) {
                        sum += 176725;
                    } else {
                        sum += 167121;
                    }
                } else {
                    if (x9 > 250) {
                        sum += 150519;
                    } else {
                        sum += 0;
                    }
                }
            }
            if (x0 > 258) {
                if (x0 > 293) {
                    if (x3 > 17) {
                        sum += 175086;
                    } else {
                        sum += 188840;
                    }
                } else {
                    if (x8 > 0) {
                        sum += 234105;
                    } else {
                        sum += 186802;
                    }
                }
            } else {
                if (x0 > 255) {
                    if (x5 > 16) {
                        sum += 174470;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x7 > 2) {
                        sum += 208717;
                    } else {
                        sum += 172713;
                    }
                }
            }
            if (x0 > 1059) {
                if (x9 > 110) {
                    if (x10 > 95) {
                        sum += 181204;
                    } else {
                        sum += 146406;
                    }
                } else {
                    sum += 9144;
                }
            } else {
                if (x0 > 928) {
                    if (x10 > 99) {
                        sum += 0;
                    } else {
                        sum += 108324;
                    }
                } else {
                    if (x3 > 257) {
                        sum += 79434;
                    } else {
                        sum += 130554;
                    }
                }
            }
            if (x5 > 1) {
                if (x5 > 8) {
                    if (x5 > 9) {
                        sum += 130693;
                    } else {
                        sum += 157498;
                    }
                } else {
                    if (x4 > 2151) {
                        sum += 151326;
                    } else {
                        sum += 108770;
                    }
                }
            } else {
                if (x0 > 166) {
                    if (x4 > 178) {
                        sum += 151148;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x2 > 9) {
                        sum += 232437;
                    } else {
                        sum += 379698;
                    }
                }
            }
            if (x2 > 168) {
                if (x9 > 107) {
                    if (x9 > 110) {
                        sum += 191234;
                    } else {
                        sum += 290976;
                    }
                } else {
                    if (x0 > 606) {
                        sum += 122214;
                    } else {
                        sum += 92759;
                    }
                }
            } else {
                if (x1 > 1825) {
                    if (x10 > 63) {
                        sum += 0;
                    } else {
                        sum += 154538;
                    }
                } else {
                    if (x6 > 6) {
                        sum += 104249;
                    } else {
                        sum += 181719;
                    }
                }
            }
            if (x1 > 24) {
                if (x1 > 32) {
                    if (x1 > 39) {
                        sum += 305034;
                    } else {
                        sum += 280673;
                    }
                } else {
                    if (x0 > 98) {
                        sum += 341126;
                    } else {
                        sum += 264379;
                    }
                }
            } else {
                if (x4 > 40103) {
                    sum += 0;
                } else {
                    if (x0 > 633) {
                        sum += 207848;
                    } else {
                        sum += 300637;
                    }
                }
            }
            if (x0 > 147) {
                if (x0 > 155) {
                    if (x1 > 7) {
                        sum += 157068;
                    } else {
                        sum += 113783;
                    }
                } else {
                    if (x2 > 21) {
                        sum += 127872;
                    } else {
                        sum += 0;
                    }
                }
            } else {
                if (x0 > 140) {
                    if (x9 > 143) {
                        sum += 214564;
                    } else {
                        sum += 259874;
                    }
                } else {
                    if (x9 > 142) {
                        sum += 165226;
                    } else {
                        sum += 128843;
                    }
                }
            }
            if (x7 > 3) {
                if (x10 > 42) {
                    if (x5 > 25) {
                        sum += 125788;
                    } else {
                        sum += 84277;
                    }
                } else {
                    if (x2 > 207) {
                        sum += 133453;
                    } else {
                        sum += 169452;
                    }
                }
            } else {
                if (x3 > 257) {
                    if (x8 > 1) {
                        sum += 0;
                    } else {
                        sum += 83650;
                    }
                } else {
                    if (x1 > 907) {
                        sum += 139975;
                    } else {
                        sum += 116171;
                    }
                }
            }
            if (x1 > 13) {
                if (x2 > 5) {
                    if (x1 > 14) {
                        sum += 318204;
                    } else {
                        sum += 255493;
                    }
                } else {
                    if (x0 > 46) {
                        sum += 295616;
                    } else {
                        sum += 209713;
                    }
                }
            } else {
                if (x1 > 8) {
                    if (x2 > 21) {
                        sum += 0;
                    } else {
                        sum += 359052;
                    }
                } else {
                    if (x9 > 135) {
                        sum += 296733;
                    } else {
                        sum += 369213;
                    }
                }
            }
            if (x1 > 2975) {
                if (x9 > 139) {
                    if (x9 > 147) {
                        sum += 300051;
                    } else {
                        sum += 183134;
                    }
                } else {
                    if (x7 > 2) {
                        sum += 306592;
                    } else {
                        sum += 218055;
                    }
                }
            } else {
                if (x3 > 328) {
                    if (x9 > 157) {
                        sum += 202981;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x4 > 88) {
                        sum += 245243;
                    } else {
                        sum += 234320;
                    }
                }
            }
            if (x5 > 54) {
                if (x9 > 106) {
                    if (x9 > 111) {
                        sum += 94809;
                    } else {
                        sum += 58941;
                    }
                } else {
                    sum += 232694;
                }
            } else {
                if (x4 > 745) {
                    if (x1 > 66) {
                        sum += 87153;
                    } else {
                        sum += 101820;
                    }
                } else {
                    if (x4 > 734) {
                        sum += 0;
                    } else {
                        sum += 83885;
                    }
                }
            }
            if (x7 > 0) {
                if (x0 > 148) {
                    if (x0 > 155) {
                        sum += 214466;
                    } else {
                        sum += 127295;
                    }
                } else {
                    if (x9 > 142) {
                        sum += 242472;
                    } else {
                        sum += 190574;
                    }
                }
            } else {
                if (x1 > 697) {
                    if (x9 > 131) {
                        sum += 269205;
                    } else {
                        sum += 125226;
                    }
                } else {
                    if (x1 > 677) {
                        sum += 0;
                    } else {
                        sum += 209689;
                    }
                }
            }
            if (x8 > 0) {
                if (x4 > 201) {
                    if (x5 > 5) {
                        sum += 40910;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x10 > 98) {
                        sum += 167673;
                    } else {
                        sum += 4449;
                    }
                }
            } else {
                if (x5 > 3) {
                    if (x10 > 89) {
                        sum += 27818;
                    } else {
                        sum += 41033;
                    }
                } else {
                    if (x2 > 10) {
                        sum += 48623;
                    } else {
                        sum += 129308;
                    }
                }
            }
            if (x1 > 24) {
                if (x1 > 32) {
                    if (x1 > 37) {
                        sum += 198955;
                    } else {
                        sum += 173692;
                    }
                } else {
                    if (x0 > 98) {
                        sum += 231902;
                    } else {
                        sum += 162192;
                    }
                }
            } else {
                if (x4 > 40103) {
                    sum += 0;
                } else {
                    if (x2 > 19) {
                        sum += 157418;
                    } else {
                        sum += 197513;
                    }
                }
            }
            if (x4 > 10191) {
                if (x9 > 111) {
                    if (x10 > 98) {
                        sum += 283965;
                    } else {
                        sum += 345059;
                    }
                } else {
                    if (x6 > 2) {
                        sum += 232037;
                    } else {
                        sum += 263873;
                    }
                }
            } else {
                if (x4 > 9830) {
                    if (x4 > 9842) {
                        sum += 289276;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x4 > 9608) {
                        sum += 402136;
                    } else {
                        sum += 328725;
                    }
                }
            }
            if (x7 > 7) {
                if (x9 > 113) {
                    if (x8 > 3) {
                        sum += 60759;
                    } else {
                        sum += 202137;
                    }
                } else {
                    sum += 2882;
                }
            } else {
                if (x6 > 9) {
                    if (x4 > 2267) {
                        sum += 208735;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x5 > 46) {
                        sum += 157507;
                    } else {
                        sum += 152073;
                    }
                }
            }
            if (x0 > 19) {
                if (x1 > 24) {
                    if (x1 > 33) {
                        sum += 81520;
                    } else {
                        sum += 96613;
                    }
                } else {
                    if (x0 > 633) {
                        sum += 0;
                    } else {
                        sum += 76582;
                    }
                }
            } else {
                if (x4 > 719) {
                    if (x4 > 1289) {
                        sum += 156145;
                    } else {
                        sum += 161438;
                    }
                } else {
                    if (x6 > 0) {
                        sum += 142214;
                    } else {
                        sum += 323;
                    }
                }
            }
            if (x0 > 615) {
                if (x0 > 621) {
                    if (x9 > 127) {
                        sum += 128076;
                    } else {
                        sum += 102154;
                    }
                } else {
                    if (x9 > 173) {
                        sum += 181911;
                    } else {
                        sum += 197337;
                    }
                }
            } else {
                if (x8 > 2) {
                    if (x10 > 57) {
                        sum += 40359;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x0 > 611) {
                        sum += 46832;
                    } else {
                        sum += 118863;
                    }
                }
            }
            if (x4 > 23) {
                if (x4 > 27) {
                    if (x4 > 29) {
                        sum += 149177;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x3 > 10) {
                        sum += 222883;
                    } else {
                        sum += 209914;
                    }
                }
            } else {
                if (x4 > 15) {
                    if (x1 > 131) {
                        sum += 126204;
                    } else {
                        sum += 37506;
                    }
                } else {
                    if (x3 > 4) {
                        sum += 188037;
                    } else {
                        sum += 64609;
                    }
                }
            }
            if (x7 > 0) {
                if (x2 > 32) {
                    if (x3 > 5) {
                        sum += 188699;
                    } else {
                        sum += 78573;
                    }
                } else {
                    if (x0 > 312) {
                        sum += 223475;
                    } else {
                        sum += 191183;
                    }
                }
            } else {
                if (x0 > 1317) {
                    if (x1 > 257) {
                        sum += 237394;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x4 > 1377) {
                        sum += 193451;
                    } else {
                        sum += 180891;
                    }
                }
            }
            if (x9 > 244) {
                if (x9 > 354) {
                    if (x1 > 113) {
                        sum += 16586;
                    } else {
                        sum += 0;
                    }
                } else {
                    if (x3 > 21) {
                        sum += 25121;
                    } else {
                        sum += 52816;
                    }
                }
            } else {
                if (x5 > 3) {
                    if (x10 > 26) {
                        sum += 4259;
                    } else {
                        sum += 19582;
                    }
                } else {
                    if (x6 > 1) {
                        sum += 2964;
                    } else {
                        sum += 64610;
                    }
                }
            }
        }
        return abi.encode(int256(sum) + (-14200101));
    }
}
